"""The rollups as frames."""

from data import frames
from tests.data.frames.conftest import Fill
from tests.data.lives import item, life, price


def company(fill: Fill) -> None:
    """cus_1 stays with two products, cus_2 leaves and returns, cus_3 comes and goes within March."""
    fill(
        life(item(price()), item(price(product="prod_b"), 1, "si_2")),
        life(item(price()), id="sub_2", customer_id="cus_2", status="canceled", ended="2026-03-05"),
        life(item(price()), id="sub_3", customer_id="cus_2", start="2026-05-05"),
        life(
            item(price()),
            id="sub_4",
            customer_id="cus_3",
            start="2026-03-05",
            status="canceled",
            ended="2026-03-20",
        ),
    )


def test_subscribers_from_month_to_month(fill: Fill) -> None:
    engine = fill()
    company(fill)
    flow = frames.subscriber_flow(engine).drop(columns="currency")
    assert list(flow.columns) == ["month", "start", "new", "lost", "won_back", "end", "joined_and_left"]
    assert flow.to_numpy().tolist() == [
        ["2026-01", 0, 2, 0, 0, 2, 0],
        ["2026-02", 2, 0, 0, 0, 2, 0],
        ["2026-03", 2, 0, 1, 0, 1, 1],
        ["2026-04", 1, 0, 0, 0, 1, 0],
        ["2026-05", 1, 0, 0, 1, 2, 0],
        ["2026-06", 2, 0, 0, 0, 2, 0],
    ]


def test_a_portfolio_counts_each_customer_once(fill: Fill) -> None:
    engine = fill()
    company(fill)
    held = frames.month_end_subscribers(engine)
    january = held[held["month"] == "2026-01"]
    assert dict(zip(january["portfolio"], january["subscribers"], strict=True)) == {
        "prod_a:1month": 1,
        "prod_a:1month|prod_b:1month": 1,
    }


def test_movements_by_cell_and_their_customers(fill: Fill) -> None:
    engine = fill()
    company(fill)
    moved = frames.movements(engine)
    march = moved[moved["month"] == "2026-03"]
    assert march[["kind", "product_id", "delta_arr"]].to_numpy().tolist() == [
        ["churn", "prod_a", -240_00],
        ["new", "prod_a", 120_00],
    ]
    customers = frames.movement_customers(engine)
    assert customers[customers["month"] == "2026-03"]["customers"].tolist() == [2, 1]


def test_nothing_is_an_empty_frame(fill: Fill) -> None:
    engine = fill()
    for frame in (frames.subscriber_flow(engine), frames.month_end(engine), frames.movements(engine)):
        assert frame.empty
        assert "currency" in frame
