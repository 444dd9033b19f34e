"""Actions against servers whose habits are not the sandbox's, each as Stripe's description allows."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from dashboard.actions import running
from dashboard.actions.base import Actor
from dashboard.actions.collecting import SetCollection
from dashboard.actions.ending import CancelSubscription, KeepSubscription
from dashboard.actions.objects import discounts_in_words, invoice_of, money_of, read_subscription
from dashboard.actions.terms import PauseCollection
from data.clock import from_epoch
from data.gateway import Gateway, NotFound
from data.limiter import Limiter
from tests.dashboard.actions.conftest import Desk

Json = dict[str, Any]
ACTOR = Actor("ada", "finance", lambda _: True)
PRICE = {
    "id": "price-1", "object": "price", "product": "prod-1", "currency": "usd", "unit_amount": 1_000,
    "unit_amount_decimal": "1000", "billing_scheme": "per_unit", "active": True, "type": "recurring",
    "recurring": {"interval": "month", "interval_count": 1, "usage_type": "licensed"},
}  # fmt: skip
CUSTOMER: Json = {"id": "cus-1", "object": "customer", "email": None, "default_source": "card-1"}


def item(name: str) -> Json:
    """A subscription's item."""
    return {
        "id": name, "object": "subscription_item", "price": PRICE, "quantity": 1, "discounts": [],
        "current_period_start": 1_000, "current_period_end": 9_000,
    }  # fmt: skip


def subscription(**given: Any) -> Json:
    """A subscription with what Stripe always sends, and no more."""
    held = {"object": "list", "data": [item("si-1")], "has_more": False}
    return {
        "id": "sub-1", "object": "subscription", "customer": "cus-1", "status": "active", "currency": "usd",
        "cancel_at_period_end": False, "discounts": [], "items": held, **given,
    }  # fmt: skip


@contextmanager
def server(answers: Json, refused: tuple[str, ...] = ()) -> Iterator[Gateway]:
    """The way to a server that gives answers by path (status, object), and refuses some expansions."""

    class Answering(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            """Nothing."""

        def do_GET(self) -> None:
            asked = urlsplit(self.path)
            wanted = [value for name, value in parse_qsl(asked.query) if name.startswith("expand")]
            status, found = answers.get(asked.path, (404, {"error": {"message": "No such object"}}))
            if bad := [each for each in wanted if each in refused]:
                status, found = 400, {"error": {"message": f"This property cannot be expanded ({bad[0]})."}}
            body = json.dumps(found).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.do_GET()

    served = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    thread = threading.Thread(target=served.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    base, quick = f"http://127.0.0.1:{served.server_port}", Limiter(10_000, 10_000)
    with Gateway("sk_test_x", base, limiter=quick, attempts=1) as gateway:
        yield gateway
    served.shutdown()
    thread.join()
    served.server_close()


def test_a_server_that_does_not_expand_is_asked_for_less() -> None:
    given = [{"id": "di-1", "object": "discount", "start": 0, "end": None, "source": {"coupon": "HALF"}}]
    coupon = {"id": "HALF", "object": "coupon", "percent_off": 50, "duration": "forever", "valid": True}
    answers = {
        "/v1/subscriptions/sub-1": (200, subscription(discounts=given)),
        "/v1/customers/cus-1": (200, CUSTOMER),
        "/v1/coupons/HALF": (200, coupon),
    }
    refused = ("discounts.source.coupon.applies_to", "items.data.discounts", "items.data.price.tiers")
    with server(answers, (*refused, "applies_to")) as gateway:
        shown = running.preview(gateway, ACTOR, PauseCollection("cus-1", "sub-1"))
    assert shown.arr_before == 6_000


def test_a_coupon_that_was_deleted_leaves_the_run_rate_unknown() -> None:
    given = [{"id": "di-1", "object": "discount", "start": 0, "end": None, "source": {"coupon": "GONE"}}]
    answers = {
        "/v1/subscriptions/sub-1": (200, subscription(discounts=given)),
        "/v1/customers/cus-1": (200, CUSTOMER),
    }
    with server(answers) as gateway:
        command = PauseCollection("cus-1", "sub-1")
        assert running.preview(gateway, ACTOR, command).arr_before is None
        told = discounts_in_words(read_subscription(gateway, command))
    assert told == "GONE: Stripe does not show what it takes off"
    assert discounts_in_words({"discounts": ["di-2"]}).startswith("di-2: ")


def test_items_beyond_the_first_page_are_read() -> None:
    first = {"object": "list", "data": [item("si-1")], "has_more": True}
    every = {"object": "list", "data": [item("si-1"), item("si-2")], "has_more": False}
    answers = {
        "/v1/subscriptions/sub-1": (200, subscription(items=first)),
        "/v1/customers/cus-1": (200, CUSTOMER),
        "/v1/subscription_items": (200, every),
    }
    with server(answers) as gateway:
        shown = running.preview(gateway, ACTOR, PauseCollection("cus-1", "sub-1"))
    assert shown.arr_before == 24_000


def test_a_source_of_an_older_account_can_be_charged() -> None:
    answers = {
        "/v1/subscriptions/sub-1": (200, subscription(collection_method="send_invoice", days_until_due=30)),
        "/v1/customers/cus-1": (200, CUSTOMER),
    }
    with server(answers) as gateway:
        shown = running.preview(gateway, ACTOR, SetCollection("cus-1", "sub-1", "charge_automatically"))
    assert not any("no card" in each for each in shown.warnings)


def test_a_test_clock_tells_the_time() -> None:
    clock = {"id": "clock-1", "object": "test_helpers.test_clock", "frozen_time": 5_000}
    answers = {
        "/v1/subscriptions/sub-1": (200, subscription(test_clock="clock-1")),
        "/v1/customers/cus-1": (200, CUSTOMER),
        "/v1/test_helpers/test_clocks/clock-1": (200, clock),
    }
    with server(answers) as gateway:
        shown = running.preview(gateway, ACTOR, PauseCollection("cus-1", "sub-1"))
    assert shown.at == from_epoch(5_000)
    del answers["/v1/test_helpers/test_clocks/clock-1"]
    with server(answers) as gateway:
        shown = running.preview(gateway, ACTOR, PauseCollection("cus-1", "sub-1"))
        assert 0 <= (gateway.clock.now() - shown.at).total_seconds() < 60


@pytest.mark.parametrize(
    "error", [{"code": "invoice_upcoming_none", "message": "x"}, {"message": "No upcoming invoices: cus-1"}]
)
@pytest.mark.parametrize("status", [400, 404])
def test_that_nothing_is_coming_has_several_forms(status: int, error: Json) -> None:
    at = from_epoch(5_000)
    assert at is not None
    with server({"/v1/invoices/create_preview": (status, {"error": error})}) as gateway:
        assert invoice_of(gateway, "sub-1", {}, at) is None
    with server({}) as gateway, pytest.raises(NotFound):
        invoice_of(gateway, "sub-1", {}, at)


def line(amount: int, since: int) -> Json:
    """A line for a part of a period."""
    parent = {"subscription_item_details": {"proration": True}}
    return {"amount": amount, "period": {"start": since, "end": 9_000}, "parent": parent}


def invoice(*lines: Json) -> Json:
    """A preview of these lines that is due when the period ends."""
    total = sum(each["amount"] for each in lines)
    return {
        "object": "invoice", "currency": "usd", "subtotal": total, "total": total, "amount_due": 0,
        "period_end": 9_000, "total_taxes": None, "total_discount_amounts": None,
        "lines": {"object": "list", "data": list(lines), "has_more": False},
    }  # fmt: skip


def test_what_waited_already_is_not_what_a_change_credits() -> None:
    told = invoice(line(5_000, 3_000), line(-2_000, 4_000))
    assert money_of(told, now=False, since=4_000).prorated == -2_000
    assert money_of(told, now=False, since=None).prorated == 0


def test_what_is_billed_at_once_is_so_whatever_the_preview_says_of_its_period() -> None:
    at = from_epoch(4_000)
    assert at is not None
    with server({"/v1/invoices/create_preview": (200, invoice(line(500, 4_000)))}) as gateway:
        money = invoice_of(gateway, "sub-1", {"proration_behavior": "always_invoice"}, at)
    assert money is not None
    assert (money.now, money.at) == (True, at)


def test_taking_back_an_end_on_a_date_is_previewed_as_that(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = desk.scenario.subscribe(5_000)
    soon = int(desk.gateway.clock.now().timestamp()) + 5 * 86_400
    desk.do(CancelSubscription(desk.scenario.customer, name, soon))
    asked: list[Any] = []
    write = desk.gateway.write

    def noting(method: Any, path: str, params: Any, key: str) -> Any:
        asked.append(params.get("subscription_details"))
        return write(method, path, params, key)

    monkeypatch.setattr(desk.gateway, "write", noting)
    desk.preview(KeepSubscription(desk.scenario.customer, name))
    assert asked == [{"cancel_at": ""}]
