"""The page at which a customer of the sandbox enters a card, as Stripe's billing portal lets them."""

import html
import re
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from data.sandbox.api.actions.customers import SESSIONS
from data.sandbox.billing import working
from data.sandbox.billing.people import attach_card
from data.sandbox.store import Store

CARDS = {
    "4242424242424242": ("visa", "pays"),
    "5555555555554444": ("mastercard", "pays"),
    "4000000000000341": ("visa", "is saved, and declined when it is charged"),
    "4000000000009995": ("visa", "has no funds twice, then pays"),
}
"""Stripe's test cards that the sandbox knows, and what becomes of their charges."""

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


def routes(store: Store) -> list[BaseRoute]:
    """The page and its form."""
    return [Route("/sandbox/portal/{id}", Portal(store).answer, methods=["GET", "POST"])]


class Portal:
    """Answers for the sessions of one store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def answer(self, request: Request) -> Response:
        """The form, or what became of it."""
        session = self._store.get(SESSIONS, request.path_params["id"])
        customer = None if session is None else self._store.get("customers", session["customer"])
        if session is None or customer is None:
            return HTMLResponse("<h1>This link is not valid any more</h1>", 404)
        if request.method == "GET":
            return self._form(customer, "")
        form = await request.form()
        number = re.sub(r"\D", "", str(form.get("number", "")))
        month, year = (str(form.get(name, "")) for name in ("month", "year"))
        if (
            number not in CARDS
            or not re.fullmatch(r"0?[1-9]|1[0-2]", month)
            or not re.fullmatch(r"20\d\d", year)
        ):
            return self._form(customer, "<p role=alert>Enter one of the cards below, a month and a year.</p>")
        with working(self._store) as billing:
            chosen: Any = {"brand": CARDS[number][0], "last4": number[-4:]}
            expires: Any = {"exp_month": int(month), "exp_year": int(year)}
            attach_card(billing, customer["id"], **expires, **chosen)
        if session["return_url"]:
            return RedirectResponse(session["return_url"], 303)
        return HTMLResponse(SAVED.format(last4=number[-4:]))

    @staticmethod
    def _form(customer: dict[str, object], told: str) -> Response:
        name = html.escape(str(customer["name"] or customer["email"] or customer["id"]))
        cards = "".join(f"<li><code>{number}</code> {what}</li>" for number, (_, what) in CARDS.items())
        return HTMLResponse(PAGE.format(name=name, told=told, cards=cards), 400 if told else 200)
