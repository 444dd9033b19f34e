"""Who moved, who left and why, who is set to leave."""

from typing import Any

from data import frames
from data.tables import mirror
from tests.data.frames.conftest import ACCOUNTS, Fill, account
from tests.data.lives import day, item, life, price, row, store


def test_customers_of_a_month(fill: Fill) -> None:
    engine = fill(
        life(item(price(10_00)), start="2026-03-02"),
        life(item(price(30_00)), id="sub_2", customer_id="cus_2", start="2026-03-31T23:59"),
        life(item(price(50_00)), id="sub_3", customer_id="cus_3", start="2026-04-01"),
        rows={ACCOUNTS: [account("a", "cus_2", account_manager="Ada")]},
    )
    march = frames.customers_of_month(engine, "2026-03")
    assert march[["customer_id", "account_manager", "kind", "delta_arr"]].astype(object).to_numpy().tolist()[
        0
    ] == [
        "cus_2",
        "Ada",
        "new",
        360_00,
    ]
    assert march["customer_id"].tolist() == ["cus_2", "cus_1"]
    assert frames.customers_of_month(engine, "2026-03", kinds=["churn"]).empty
    assert len(frames.customers_of_month(engine, "2026-03", limit=1)) == 1


def ended(number: int, reason: str | None, feedback: str | None = None) -> dict[str, Any]:
    return {
        "id": f"sub_{number}",
        "customer_id": f"cus_{number}",
        "status": "canceled",
        "currency": "usd",
        "start_at": day("2026-01-01"),
        "ended_at": day("2026-05-03T10:00"),
        "cancellation_reason": reason,
        "cancellation_feedback": feedback,
    }


def test_who_left_and_why(fill: Fill) -> None:
    lives = [
        life(
            item(price()), id=f"sub_{n}", customer_id=f"cus_{n}", status="canceled", ended="2026-05-03T10:00"
        )
        for n in (1, 2, 3)
    ]
    given = [ended(1, "payment_failed"), ended(2, "cancellation_requested", "too_expensive"), ended(3, None)]
    engine = fill(*lives, rows={mirror.subscription: given})
    left = frames.churned(engine, ["2026-05"])
    assert left[["customer_id", "month", "arr", "voluntary"]].to_numpy().tolist() == [
        ["cus_1", "2026-05", 120_00, "involuntary"],
        ["cus_2", "2026-05", 120_00, "voluntary"],
        ["cus_3", "2026-05", 120_00, "unknown"],
    ]
    assert left["feedback"].dropna().tolist() == ["too_expensive"]
    assert len(frames.churned(engine)) == 3
    assert frames.churned(engine, ["2026-04"]).empty
    assert frames.churned(engine, []).empty


def test_who_leaves_one_of_two_subscriptions_has_not_left(fill: Fill) -> None:
    engine = fill(life(item(price()), status="canceled", ended="2026-05-03"), life(item(price()), id="sub_2"))
    assert frames.churned(engine).empty


def test_who_is_set_to_leave(fill: Fill) -> None:
    engine = fill(life(item(price())), life(item(price()), id="sub_2", customer_id="cus_2"))
    stays = life(item(price()))
    with engine.begin() as connection:
        store(connection, stays)
        leaving = {
            "cancel_at": day("2026-07-01"),
            "canceled_at": day("2026-06-02"),
            "cancellation_comment": "Bye",
        }
        statement = mirror.subscription.update().where(mirror.subscription.c.id == "sub_2").values(**leaving)
        connection.execute(statement)
    (one,) = frames.scheduled_churn(engine, day("2026-06-15")).to_dict("records")
    assert (one["subscription_id"], one["arr"], one["comment"]) == ("sub_2", 120_00, "Bye")
    assert (one["ends_at"], one["requested_at"]) == (day("2026-07-01"), day("2026-06-02"))


def test_empty_frames_have_their_columns_and_types(fill: Fill) -> None:
    engine = fill()
    assert str(frames.churned(engine)["arr"].dtype) == "Int64"
    assert str(frames.scheduled_churn(engine, day("2026-06-15"))["ends_at"].dtype) == "datetime64[us, UTC]"
    assert row(mirror.product)["observed_at"] == day("2026-01-01")
