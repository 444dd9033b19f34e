"""Every action: previewed, done, audited; refused where it may not or cannot be done."""

import pytest
from sqlalchemy import select

from dashboard.actions import customers
from dashboard.actions.base import ActionError, Actor, ChangedError, ForbiddenActionError, Preview
from dashboard.actions.carrying import handler_of
from dashboard.actions.customers import EditBillingDetails
from dashboard.actions.ending import CancelSubscription, KeepSubscription
from dashboard.actions.invoices import (
    CreditInvoice,
    MarkInvoicePaid,
    MarkUncollectible,
    PayInvoice,
    SendInvoice,
    VoidInvoice,
)
from dashboard.actions.items import ChangeItems
from dashboard.actions.planned import DropPlannedChange
from dashboard.actions.running import execute, preview
from dashboard.actions.starting import StartSubscription
from dashboard.actions.terms import ApplyCoupon, EndDiscount, PauseCollection, ResumeCollection, SetTrialEnd
from dashboard.metrics.actions import in_words
from data import audit, frames
from data.clock import from_epoch
from data.sandbox import factory
from data.sandbox.billing import people
from data.sandbox.conditions import Condition
from data.tables.actions import action_step
from tests.dashboard.actions.conftest import Desk
from tests.data.sandbox.scenario import at


def first_invoice(desk: Desk, name: str) -> str:
    """The first invoice of a subscription."""
    return str(desk.scenario.store.select("invoices", (Condition("subscription", "=", name),))[0]["id"])


def test_cancel_at_the_period_end_and_keep(desk: Desk) -> None:
    name = desk.scenario.subscribe()
    cancel = CancelSubscription(desk.scenario.customer, name, feedback="too_expensive", comment="budget cut")
    shown = desk.preview(cancel)
    assert shown.rows[0] == ("Ends", "Not planned", "3 Feb 2026")
    assert (shown.arr_before, shown.arr_after, shown.money) == (120_00, 120_00, None)
    assert shown.effect == "Scheduled churn until 3 Feb 2026"
    desk.do(cancel, shown)
    after = desk.scenario.subscription(name)
    assert (after["cancel_at_period_end"], after["cancellation_details"]["comment"]) == (True, "budget cut")
    with pytest.raises(ActionError, match="set to end already"):
        desk.preview(cancel)
    desk.do(KeepSubscription(desk.scenario.customer, name))
    assert desk.scenario.subscription(name)["cancel_at"] is None
    assert [each.what for each in desk.audited()] == ["Cancel subscription", "Keep subscription"]


def test_cancel_now_with_credit(desk: Desk) -> None:
    name = desk.scenario.subscribe(3_100)
    desk.scenario.until("2026-01-18 22:00")
    shown = desk.preview(CancelSubscription(desk.scenario.customer, name, "now", credit=True))
    assert shown.money is not None
    assert (shown.money.total, shown.arr_after) == (-1_550, 0)
    desk.do(CancelSubscription(desk.scenario.customer, name, "now", credit=True), shown)
    assert desk.scenario.status(name) == "canceled"
    assert desk.scenario.customer_now()["balance"] == -1_550


def test_more_seats_now_costs_what_was_previewed(desk: Desk) -> None:
    name = desk.scenario.subscribe(1_000, 2)
    desk.scenario.until("2026-01-18 22:00")
    item = desk.scenario.item(name)
    change = ChangeItems(
        desk.scenario.customer, name, ((item["id"], item["price"]["id"], 4),), proration="always_invoice"
    )
    shown = desk.preview(change)
    assert shown.rows == (("Seats", "2 × Seats at $10.00 monthly", "4 × Seats at $10.00 monthly"),)
    assert (shown.arr_before, shown.arr_after, shown.effect) == (240_00, 480_00, "Expansion")
    assert shown.money is not None
    desk.do(change, shown)
    invoice = desk.scenario.store.get("invoices", desk.scenario.subscription(name)["latest_invoice"])
    assert invoice is not None
    assert (invoice["total"], len(invoice["lines"]["data"])) == (shown.money.total, len(shown.money.lines))


def test_another_plan_when_the_period_ends(desk: Desk) -> None:
    name, dearer = desk.scenario.subscribe(1_000), desk.scenario.price(3_000)
    change = ChangeItems(desk.scenario.customer, name, (("", dearer, 1),), "period_end")
    shown = desk.preview(change)
    assert (shown.money, shown.effect) == (None, "Expansion from 3 Feb 2026")
    desk.do(change, shown)
    assert desk.scenario.item(name)["price"]["unit_amount"] == 1_000
    desk.scenario.until("2026-02-04")
    assert desk.scenario.item(name)["price"]["id"] == dearer
    assert len(desk.audited()[0].request_ids) == 2


def test_terms(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    customer, name = desk.scenario.customer, desk.scenario.subscribe(1_000)
    coupon = desk.scenario.coupon("forever", percent_off=25)
    shown = desk.preview(ApplyCoupon(customer, name, coupon))
    assert (shown.arr_before, shown.arr_after, shown.effect) == (120_00, 90_00, "Contraction")
    desk.do(ApplyCoupon(customer, name, coupon), shown)
    discount = desk.scenario.subscription(name)["discounts"][0]["id"]
    desk.do(EndDiscount(customer, name, discount))
    assert desk.scenario.subscription(name)["discounts"] == []
    desk.do(PauseCollection(customer, name, "void", at("2026-03-01")))
    assert desk.scenario.subscription(name)["pause_collection"]["resumes_at"] == at("2026-03-01")
    desk.do(ResumeCollection(customer, name))
    trial = desk.preview(SetTrialEnd(customer, name, at("2026-02-20")))
    assert trial.rows == (("Trial ends", "Not in a trial", "20 Feb 2026"),)
    desk.do(SetTrialEnd(customer, name, at("2026-02-20")), trial)
    desk.do(SetTrialEnd(customer, name))
    assert desk.scenario.status(name) == "active"
    assert desk.states() == ["done"] * 6


def test_billing_details(desk: Desk) -> None:
    fields = (
        ("email", "payer@third.example"),
        ("city", "Oslo"),
        ("po_number", "PO-7"),
        ("footer", "Thank you"),
    )
    edit = EditBillingDetails(desk.scenario.customer, fields)
    shown = desk.preview(edit)
    assert ("Billing e-mail", "acme@example.com", "payer@third.example") in shown.rows
    assert "payer@third.example, no longer to acme@example.com" in shown.mails[0]
    desk.do(edit, shown)
    after = customers.details(desk.scenario.customer_now())
    assert {name: after[name] for name, _ in fields} == dict(fields)
    with pytest.raises(ActionError, match="Nothing is different"):
        desk.preview(edit)
    with pytest.raises(ActionError, match="needs a name, an @"):
        desk.preview(EditBillingDetails(desk.scenario.customer, (("email", "nobody"),)))
    with pytest.raises(ActionError, match="code of two letters"):
        desk.preview(EditBillingDetails(desk.scenario.customer, (("country", "D1"),)))
    desk.do(EditBillingDetails(desk.scenario.customer, (("language", "de"), ("country", "no"))))
    assert customers.details(desk.scenario.customer_now())["country"] == "NO"
    with pytest.raises(ActionError, match="no way to take it out"):
        desk.preview(EditBillingDetails(desk.scenario.customer, (("language", ""),)))
    with pytest.raises(ActionError, match="140 letters"):
        desk.preview(EditBillingDetails(desk.scenario.customer, (("po_number", "7" * 141),)))


def test_a_card_link(desk: Desk) -> None:
    url = customers.card_link(desk.gateway, desk.scenario.customer, "key-1")
    assert url == customers.card_link(desk.gateway, desk.scenario.customer, "key-1")
    assert "Update your card" in desk.client.get(url).text


def test_invoices(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    customer = desk.scenario.customer
    names = [desk.scenario.subscribe(collection_method="send_invoice", days_until_due=30) for _ in range(3)]
    sent, voided, lost = (first_invoice(desk, name) for name in names)
    for each in (sent, voided, lost):
        desk.client.post(f"/v1/invoices/{each}/finalize")
    shown = desk.preview(SendInvoice(customer, sent))
    assert shown.mails == ("Stripe sends the invoice to acme@example.com.",)
    desk.do(SendInvoice(customer, sent), shown)
    desk.do(CreditInvoice(customer, sent, 400, why="order_change"))
    desk.do(MarkInvoicePaid(customer, sent))
    desk.do(VoidInvoice(customer, voided))
    desk.do(MarkUncollectible(customer, lost))
    found = {each["id"]: each for each in desk.scenario.store.all("invoices")}
    assert [found[each]["status"] for each in (sent, voided, lost)] == ["paid", "void", "uncollectible"]
    assert found[sent]["amount_paid"] == 600
    with pytest.raises(ActionError, match="cannot be done with an invoice that is void"):
        desk.preview(PayInvoice(customer, voided))


def test_a_paid_invoice_is_credited_as_split(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    invoice = first_invoice(desk, desk.scenario.subscribe(5_000))
    with pytest.raises(ActionError, match="must add up"):
        desk.preview(CreditInvoice(desk.scenario.customer, invoice, 1_000, refund=400))
    with pytest.raises(ActionError, match=r"between \$0\.01 and \$50\.00"):
        desk.preview(CreditInvoice(desk.scenario.customer, invoice, 5_001, refund=5_001))
    desk.do(CreditInvoice(desk.scenario.customer, invoice, 1_000, refund=400, balance=600))
    assert desk.scenario.customer_now()["balance"] == -600


def test_a_role_without_the_permission(desk: Desk) -> None:
    name = desk.scenario.subscribe()
    viewer = Actor("eve", "viewer", lambda _: False)
    command = CancelSubscription(desk.scenario.customer, name)
    with pytest.raises(ForbiddenActionError, match="cancel subscriptions"):
        preview(desk.gateway, viewer, command)
    with pytest.raises(ForbiddenActionError, match="cancel subscriptions"):
        execute(desk.url, desk.gateway, viewer, command, desk.preview(command), "why")
    assert desk.states() == []


def test_changed_between_preview_and_confirmation(desk: Desk) -> None:
    name = desk.scenario.subscribe()
    command = CancelSubscription(desk.scenario.customer, name)
    shown = desk.preview(command)
    desk.client.post(f"/v1/subscriptions/{name}", data={"pause_collection[behavior]": "void"})
    with pytest.raises(ChangedError, match="collection paused was –, is void"):
        desk.do(command, shown)
    assert desk.scenario.subscription(name)["cancel_at"] is None


def test_what_changed_is_told_in_days(desk: Desk) -> None:
    name = desk.scenario.subscribe()
    pause = PauseCollection(desk.scenario.customer, name)
    shown = desk.preview(pause)
    desk.client.post(f"/v1/subscriptions/{name}", data={"cancel_at_period_end": "true"})
    with pytest.raises(ChangedError, match="set to end was –, is 3 Feb 2026"):
        desk.do(pause, shown)


def test_an_end_within_a_period_gives_nothing_back_by_itself(sqlite_desk: Desk) -> None:
    customer, name = sqlite_desk.scenario.customer, sqlite_desk.scenario.subscribe()
    within, later = (CancelSubscription(customer, name, at(day)) for day in ("2026-01-20", "2026-02-20"))
    shown = sqlite_desk.preview(within)
    assert shown.warnings[-1] == "Nothing is given back for the time that was paid."
    assert "up to that day" in sqlite_desk.preview(later).warnings[-1]
    sqlite_desk.do(within, shown)
    with sqlite_desk.engine.connect() as connection:
        sent = connection.scalar(select(action_step.c.params))
    assert sent["proration_behavior"] == "none"
    with pytest.raises(ActionError, match="set to end already"):
        sqlite_desk.preview(within)


def test_an_end_now_bills_what_waits_as_previewed(sqlite_desk: Desk) -> None:
    customer, name = sqlite_desk.scenario.customer, sqlite_desk.scenario.subscribe(3_100)
    item = sqlite_desk.scenario.item(name)
    sqlite_desk.scenario.until("2026-01-18 22:00")
    sqlite_desk.do(ChangeItems(customer, name, ((item["id"], item["price"]["id"], 2),)))
    end = CancelSubscription(customer, name, "now")
    shown = sqlite_desk.preview(end)
    assert shown.money is not None
    assert (shown.money.total, shown.money.now) == (1_550, True)
    sqlite_desk.do(end, shown)
    assert sqlite_desk.scenario.last_invoice()["total"] == 1_550


def test_seats_are_added_though_the_price_is_archived(sqlite_desk: Desk) -> None:
    customer, name = sqlite_desk.scenario.customer, sqlite_desk.scenario.subscribe(1_000)
    item, other = sqlite_desk.scenario.item(name), sqlite_desk.scenario.price(2_000)
    for price in (item["price"]["id"], other):
        assert sqlite_desk.client.post(f"/v1/prices/{price}", data={"active": "false"}).status_code == 200
    sqlite_desk.do(ChangeItems(customer, name, ((item["id"], item["price"]["id"], 3),)))
    assert sqlite_desk.scenario.item(name)["quantity"] == 3
    with pytest.raises(ActionError, match="The price of Seats is archived"):
        sqlite_desk.preview(ChangeItems(customer, name, ((item["id"], other, 3),)))


def test_a_start_counts_the_discount_that_the_customer_has(sqlite_desk: Desk) -> None:
    _give_the_customer_half_off(sqlite_desk)
    start = StartSubscription(sqlite_desk.scenario.customer, ((sqlite_desk.scenario.price(1_000), 1),), "m")
    shown = sqlite_desk.preview(start)
    assert shown.money is not None
    assert (shown.arr_after, shown.money.total) == (60_00, 500)


def test_a_start_is_taxed_as_previewed(sqlite_desk: Desk) -> None:
    customer, price = sqlite_desk.scenario.customer, sqlite_desk.scenario.price(1_000)
    rate = sqlite_desk.scenario.do(people.create_tax_rate, "DE", "19", "VAT")["id"]
    taxed = StartSubscription(customer, ((price, 1),), "m", tax=(rate,))
    shown = sqlite_desk.preview(taxed)
    assert shown.money is not None
    assert (shown.money.total, shown.rows[-1]) == (1_190, ("Taxes", "–", rate))
    sqlite_desk.do(taxed, shown)
    assert sqlite_desk.scenario.last_invoice()["total"] == 1_190
    alone = sqlite_desk.preview(StartSubscription(customer, ((price, 1),), "m2"))
    assert "QUOTE_TAX" in alone.warnings[-1]
    by_stripe = StartSubscription(customer, ((price, 1),), "m3", tax=("automatic",))
    sqlite_desk.do(by_stripe)
    newest = list(sqlite_desk.scenario.store.all("subscriptions"))[-1]
    assert newest["automatic_tax"]["enabled"]


def test_what_waits_for_its_first_payment_is_only_canceled(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    customer, name = desk.scenario.customer, desk.scenario.subscribe()
    with desk.scenario.work() as billing:
        waiting = billing.get("subscriptions", name)
        billing.change("subscriptions", waiting, "customer.subscription.updated", status="incomplete")
    with pytest.raises(ActionError, match="first payment"):
        desk.preview(PauseCollection(customer, name))
    desk.do(CancelSubscription(customer, name, "now"))
    assert desk.scenario.status(name) == "canceled"


def test_no_reason_no_change(desk: Desk) -> None:
    name = desk.scenario.subscribe()
    with pytest.raises(ActionError, match="Say why"):
        desk.do(CancelSubscription(desk.scenario.customer, name), reason="  ")
    assert desk.states() == []


def test_another_customers_subscription(desk: Desk) -> None:
    name = desk.scenario.subscribe()
    with pytest.raises(ActionError, match="another customer"):
        desk.preview(CancelSubscription("cus_other", name))


def test_the_audit_is_a_chain(desk: Desk) -> None:
    name = desk.scenario.subscribe()
    desk.do(CancelSubscription(desk.scenario.customer, name))
    desk.do(KeepSubscription(desk.scenario.customer, name))
    with desk.engine.begin() as connection:
        assert audit.first_broken(connection) is None
        first = desk.audited()[0]
        assert (first.person, first.role, first.reason, first.outcome) == (
            "ada",
            "finance",
            "asked by phone",
            "done",
        )
        assert (first.before["set to end"], first.after["set to end"]) == (None, at("2026-02-03"))
        assert first.request_ids[0].startswith("req_")
        connection.exec_driver_sql(f"update audit_entry set reason = 'another' where id = {first.id}")
        assert audit.first_broken(connection) == first.id


def test_previews_are_frozen() -> None:
    assert Preview.__dataclass_params__.frozen  # type: ignore[attr-defined]


def test_the_audit_and_what_is_open_as_frames(desk: Desk) -> None:
    name = desk.scenario.subscribe()
    desk.do(CancelSubscription(desk.scenario.customer, name))
    desk.fault(path=f"/v1/subscriptions/{name}", method="POST", status=500)
    with pytest.raises(ActionError):
        desk.do(KeepSubscription(desk.scenario.customer, name))
    entries = frames.audit_entries(desk.engine, customer_id=desk.scenario.customer)
    assert entries[["what", "outcome"]].to_numpy().tolist() == [
        ["Keep subscription", "unknown"],
        ["Cancel subscription", "done"],
    ]
    request = entries["request_ids"].iloc[1][0]
    assert frames.audit_entries(desk.engine, text=request)["what"].tolist() == ["Cancel subscription"]
    assert frames.audit_entries(desk.engine, customer_id="cus_other").empty
    (only,) = frames.unfinished_actions(desk.engine).to_dict("records")
    assert (only["kind"], only["state"], only["person"]) == ("Keep subscription", "unknown", "ada")


def test_a_subscription_is_started_as_previewed(desk: Desk) -> None:
    price, coupon = desk.scenario.price(2_000), desk.scenario.coupon("forever", percent_off=10)
    command = StartSubscription(desk.scenario.customer, ((price, 3),), "mark-1", coupon_id=coupon)
    shown = desk.preview(command)
    assert (shown.arr_before, shown.arr_after) == (0, 648_00)
    assert shown.money is not None
    assert (shown.money.total, shown.money.now) == (5_400, True)
    assert "If the card is declined" in shown.warnings[0]
    desk.do(command, shown)
    (made,) = desk.scenario.store.all("subscriptions")
    invoice = desk.scenario.store.get("invoices", made["latest_invoice"])
    assert invoice is not None
    assert (invoice["total"], invoice["status"], made["metadata"]) == (
        5_400,
        "paid",
        {"started_by": "mark-1"},
    )
    trial = StartSubscription(desk.scenario.customer, ((price, 1),), "mark-2", trial_days=14)
    assert desk.preview(trial).arr_after == 0


def test_a_later_plan_keeps_the_discounts(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    name, dearer = desk.scenario.subscribe(1_000), desk.scenario.price(3_000)
    desk.do(ApplyCoupon(desk.scenario.customer, name, desk.scenario.coupon("forever", percent_off=25)))
    discount = desk.scenario.subscription(name)["discounts"][0]["id"]
    change = ChangeItems(desk.scenario.customer, name, (("", dearer, 1),), "period_end")
    shown = desk.preview(change)
    assert (shown.arr_before, shown.arr_after) == (90_00, 270_00)
    identity = desk.do(change, shown)
    with desk.engine.connect() as connection:
        query = select(action_step.c.params).where(
            action_step.c.action_id == identity, action_step.c.number == 1
        )
        params = connection.execute(query).scalar_one()
    assert [each["discounts"] for each in params["phases"]] == [[{"discount": discount}]] * 2


def test_what_is_previewed_adds_up_to_its_total(desk: Desk) -> None:
    price, coupon = desk.scenario.price(2_000), desk.scenario.coupon("forever", percent_off=10)
    shown = desk.preview(StartSubscription(desk.scenario.customer, ((price, 3),), "mark-1", coupon_id=coupon))
    assert shown.money is not None
    assert shown.money.lines[-1] == ("Discounts", -600)
    assert sum(amount for _, amount in shown.money.lines) == shown.money.total == 5_400


def test_no_later_plan_in_a_trial(desk: Desk) -> None:
    name, dearer = desk.scenario.subscribe(trial_days=14), desk.scenario.price(3_000)
    with pytest.raises(ActionError, match="in a trial"):
        desk.preview(ChangeItems(desk.scenario.customer, name, (("", dearer, 1),), "period_end"))


def test_two_items_of_a_product_are_both_shown(desk: Desk) -> None:
    one, two = desk.scenario.price(1_000), desk.scenario.price(3_000)
    name = desk.scenario.subscribe(items=[(one, 1), (two, 2)])
    item = desk.scenario.item(name)
    shown = desk.preview(ChangeItems(desk.scenario.customer, name, ((item["id"], one, 1),)))
    assert shown.rows == (
        (
            "Seats",
            "1 × Seats at $10.00 monthly and 2 × Seats at $30.00 monthly",
            "1 × Seats at $10.00 monthly",
        ),
    )


def test_a_planned_change_is_dropped_before_another(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    name, dearer = desk.scenario.subscribe(1_000), desk.scenario.price(3_000)
    customer, item = desk.scenario.customer, desk.scenario.item(name)
    desk.do(ChangeItems(customer, name, (("", dearer, 1),), "period_end"))
    more = ChangeItems(customer, name, ((item["id"], item["price"]["id"], 4),))
    with pytest.raises(ActionError, match="drop the planned change first"):
        desk.preview(more)
    with pytest.raises(ActionError, match="drop the planned change first"):
        desk.preview(ApplyCoupon(customer, name, desk.scenario.coupon("once", percent_off=5)))
    drop = desk.preview(DropPlannedChange(customer, name))
    assert drop.rows == (("From 3 Feb 2026", "1 × Seats at $30.00 monthly", "Goes on with what it has now"),)
    assert [(each.kind, each.size) for each in drop.stakes] == [("arr", 240_00)]
    desk.do(DropPlannedChange(customer, name), drop)
    told = in_words("planned", desk.audited()[-1].before["planned"])
    assert told == f"from 3 Feb 2026: 1 × {dearer}"
    with pytest.raises(ActionError, match="No change is planned"):
        desk.preview(DropPlannedChange(customer, name))
    shown = desk.preview(more)
    desk.do(more, shown)
    desk.scenario.until("2026-02-04")
    assert shown.money is not None
    assert desk.scenario.last_invoice()["total"] == shown.money.total


def test_the_end_of_a_term_that_is_dropped_is_told(sqlite_desk: Desk) -> None:
    customer, name = sqlite_desk.scenario.customer, sqlite_desk.scenario.subscribe(1_000)
    made = sqlite_desk.client.post("/v1/subscription_schedules", data={"from_subscription": name}).json()
    ending = {"end_behavior": "cancel"}
    answer = sqlite_desk.client.post(f"/v1/subscription_schedules/{made['id']}", data=ending)
    assert answer.status_code == 200
    shown = sqlite_desk.preview(DropPlannedChange(customer, name))
    assert (shown.rows, shown.effect) == (
        (("Ends", "3 Feb 2026", "Goes on until it is canceled"),),
        "Scheduled churn is taken back",
    )


def _give_the_customer_half_off(desk: Desk) -> None:
    coupon = desk.scenario.coupon("forever", percent_off=50)
    given = factory.discount("di_1", at("2026-01-01"), coupon, None, customer=desk.scenario.customer)
    with desk.scenario.work() as billing:
        customer = billing.get("customers", desk.scenario.customer)
        billing.change("customers", customer, "customer.updated", discount=given)


def test_a_discount_of_the_customer_counts(desk: Desk) -> None:
    name = desk.scenario.subscribe(1_000)
    _give_the_customer_half_off(desk)
    shown = desk.preview(CancelSubscription(desk.scenario.customer, name))
    assert shown.arr_before == 60_00


def test_a_discount_of_the_customer_holds_where_the_subscriptions_own_ends(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    customer, name = desk.scenario.customer, desk.scenario.subscribe(1_000)
    _give_the_customer_half_off(desk)
    apply = ApplyCoupon(customer, name, desk.scenario.coupon("forever", percent_off=10))
    shown = desk.preview(apply)
    assert (shown.rows[0][1], shown.arr_before, shown.arr_after) == (
        "C0: 50% off, forever, of the customer",
        60_00,
        108_00,
    )
    desk.do(apply, shown)
    end = EndDiscount(customer, name, desk.scenario.subscription(name)["discounts"][0]["id"])
    shown = desk.preview(end)
    assert shown.money is not None
    assert (shown.arr_after, shown.money.total) == (60_00, 500)
    desk.do(end, shown)
    desk.scenario.until("2026-02-04")
    assert desk.scenario.last_invoice()["total"] == 500


def test_a_discount_of_an_item_counts_and_stays(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    name, coupon = desk.scenario.subscribe(1_000), desk.scenario.coupon("forever", percent_off=50)
    item = desk.scenario.item(name)
    given = {"items[0][id]": item["id"], "items[0][discounts][0][coupon]": coupon}
    assert desk.client.post(f"/v1/subscriptions/{name}", data=given).status_code == 200
    more = ChangeItems(desk.scenario.customer, name, ((item["id"], item["price"]["id"], 3),))
    shown = desk.preview(more)
    assert (shown.arr_before, shown.arr_after) == (60_00, 180_00)
    desk.do(more, shown)
    assert desk.preview(CancelSubscription(desk.scenario.customer, name)).arr_before == 180_00


def test_a_later_yearly_plan_lasts_a_year(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    name, yearly = desk.scenario.subscribe(1_000), desk.scenario.price(10_000, "year")
    desk.do(ChangeItems(desk.scenario.customer, name, (("", yearly, 1),), "period_end"))
    schedule = desk.scenario.store.get("subscription_schedules", desk.scenario.subscription(name)["schedule"])
    assert schedule is not None
    assert [each["end_date"] for each in schedule["phases"]] == [at("2026-02-03"), at("2027-02-03")]


def test_a_start_is_found_among_all_that_ever_was(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    price = desk.scenario.price(2_000)
    command = StartSubscription(desk.scenario.customer, ((price, 1),), "mark-1")
    desk.do(command)
    (made,) = desk.scenario.store.all("subscriptions")
    desk.do(CancelSubscription(desk.scenario.customer, made["id"], "now"))
    handler = handler_of(command)
    assert handler.achieved(command, handler.read(desk.gateway, command)) is True


def test_what_is_billed_later_is_not_called_billed_now(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    customer, name = desk.scenario.customer, desk.scenario.subscribe(1_000, trial_end=at("2026-01-20"))
    item = desk.scenario.item(name)
    seats = ((item["id"], item["price"]["id"], 3),)
    in_a_trial = desk.preview(ChangeItems(customer, name, seats, proration="always_invoice")).money
    desk.scenario.until("2026-01-21")
    desk.do(CancelSubscription(customer, name))
    until_the_end = desk.preview(ChangeItems(customer, name, seats)).money
    assert in_a_trial is not None
    assert until_the_end is not None
    assert (in_a_trial.now, in_a_trial.at, in_a_trial.total) == (False, from_epoch(at("2026-01-20")), 3_000)
    assert (until_the_end.now, until_the_end.at) == (False, from_epoch(at("2026-02-20")))
