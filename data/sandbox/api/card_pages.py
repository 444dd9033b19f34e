"""The pages at which a customer of the sandbox enters a card: the billing portal's, and Checkout's."""

import html
import re
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from data.sandbox.api.actions.customers import SESSIONS
from data.sandbox.billing import Billing, checkout, working
from data.sandbox.billing.people import attach_card
from data.sandbox.store import Store

Json = dict[str, Any]
Save = Callable[[Billing, Json, Json], None]
DECLINED = "4000000000000002"
CARDS = {
    "4242424242424242": ("visa", "pays"),
    "5555555555554444": ("mastercard", "pays"),
    "4000000000000341": ("visa", "is saved, and declined when it is charged"),
    "4000000000009995": ("visa", "has no funds twice, then pays"),
    DECLINED: ("visa", "is declined at once, and not saved"),
}
"""Stripe's test cards that the sandbox knows, and what becomes of them."""

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Card of {name}</title>
<meta name="viewport" content="width=device-width">
<body style="font-family:sans-serif;max-width:26rem;margin:3rem auto">
<h1>Update your card</h1><p>For {name}. This is the sandbox: enter one of Stripe's test cards.</p>{told}
<form method="post"><p><label>Card number <input name="number" required autocomplete="off"></label></p>
<p><label>Expires, month <input name="month" size="2" required></label>
<label>year <input name="year" size="4" required></label></p><button>Save card</button></form>
<ul>{cards}</ul></body></html>"""
SAVED = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Card saved</title>
<body style="font-family:sans-serif;max-width:26rem;margin:3rem auto">
<h1>Card saved</h1><p>It ends in {last4}.</p></body></html>"""
GONE = "<h1>This link is not valid any more</h1>"
_WRONG = "Enter one of the cards below, a month and a year."


def routes(store: Store) -> list[BaseRoute]:
    """The two pages and their forms."""
    portal = CardPage(store, SESSIONS, "return_url", _as_default)
    setup = CardPage(store, checkout.SESSIONS, "success_url", _completing)
    return [
        Route("/sandbox/portal/{id}", portal.answer, methods=["GET", "POST"]),
        Route("/sandbox/checkout/{id}", setup.answer, methods=["GET", "POST"]),
    ]


def _as_default(billing: Billing, session: Json, card: Json) -> None:
    attach_card(billing, session["customer"], **card)


def _completing(billing: Billing, session: Json, card: Json) -> None:
    checkout.complete(billing, billing.get(checkout.SESSIONS, session["id"]), **card)


class CardPage:
    """Answers for one kind of session: where its customer is sent afterwards, and what a card does."""

    def __init__(self, store: Store, sessions: str, afterwards: str, save: Save) -> None:
        self._store, self._sessions, self._afterwards, self._save = store, sessions, afterwards, save

    async def answer(self, request: Request) -> Response:
        """The form, or what became of it."""
        session = self._store.get(self._sessions, request.path_params["id"])
        customer = None if session is None else self._store.get("customers", session["customer"])
        if session is None or customer is None or session.get("status", "open") != "open":
            return HTMLResponse(GONE, 404)
        if request.method == "GET":
            return _form(customer, "")
        form = await request.form()
        entered = _entered(*(str(form.get(name, "")) for name in ("number", "month", "year")))
        if isinstance(entered, str):
            return _form(customer, entered)
        with working(self._store) as billing:
            self._save(billing, session, entered)
        if session[self._afterwards]:
            return RedirectResponse(_address(session[self._afterwards], session["id"]), 303)
        return HTMLResponse(SAVED.format(last4=entered["last4"]))


def _entered(number: str, month: str, year: str) -> Json | str:
    """The card as people.attach_card takes it, else what is wrong."""
    digits = re.sub(r"\D", "", number)
    good = re.fullmatch(r"0?[1-9]|1[0-2]", month) and re.fullmatch(r"20\d\d", year)
    if digits not in CARDS or not good:
        return _WRONG
    if digits == DECLINED:
        return "Your card was declined."
    return {
        "brand": CARDS[digits][0],
        "last4": digits[-4:],
        "exp_month": int(month),
        "exp_year": int(year),
    }


def _address(url: str, session: str) -> str:
    return url.replace("{CHECKOUT_SESSION_ID}", session)


def _form(customer: Json, told: str) -> Response:
    name = html.escape(str(customer["name"] or customer["email"] or customer["id"]))
    cards = "".join(f"<li><code>{number}</code> {what}</li>" for number, (_, what) in CARDS.items())
    said = f"<p role=alert>{told}</p>" if told else ""
    return HTMLResponse(PAGE.format(name=name, told=said, cards=cards), 400 if told else 200)
