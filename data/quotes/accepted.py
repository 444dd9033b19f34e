"""What an accepted quote leads to beside Stripe: set-ups of its add-ons, and what our own system is told."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, select

from data.addons.storage import By, begin
from data.clock import from_epoch, month_of, months_before
from data.config import settings
from data.letters import Letter, called, is_address, write
from data.provisioning.outbox import Request, request
from data.tables.offers import quote_offer
from data.tables.quotes import sales_quote

Json = dict[str, Any]
ROLE = "sales"


def hand_over(connection: Connection, offer_id: str, person: str, at: datetime) -> None:
    """Begin what was promised, once, in the transaction in which the acceptance is noted."""
    names = ("id", "quote_id", "version", "customer_id", "wanted", "subscription_id")
    columns = [quote_offer.c[name] for name in names]
    offer = connection.execute(select(*columns).where(quote_offer.c.id == offer_id)).one()
    wanted, customer = offer.wanted, str(offer.customer_id or "")
    runs = max(from_epoch(wanted["terms"]["starts_at"]) or at, at)  # Stripe begins nothing in the past
    begun = [
        {"addon": each["addon"], "setup": _begun(connection, customer, each, person, runs)}
        for each in wanted["setups"]
    ]
    body = {
        "quote": offer.quote_id,
        "version": offer.version,
        "stripe_quote": offer.id,
        "stripe_subscription": offer.subscription_id,
        "adds_to": (wanted.get("joins") or {}).get("subscription"),
        "account_manager": wanted["owner"],
        "capacity": wanted["stages"][0]["capacity"],
        "term_months": sum(stage["months"] for stage in wanted["stages"]),
        "currency": wanted["currency"],
        "entries": sorted(wanted["entries"]),
        "addons": begun,
    }
    _tell_owner(connection, offer.quote_id, str(wanted["owner"]), person)
    key = f"{offer.quote_id}:{offer.version}:accepted"
    request(connection, Request(key, "quote.accepted", customer, offer.quote_id, body), person)


def _tell_owner(connection: Connection, quote_id: str, owner: str, person: str) -> None:
    """A letter to who sells it, unless they noted the acceptance themselves."""
    known = settings()
    if not known.smtp_host or not is_address(owner) or owner.casefold() == person.casefold():
        return
    name = called(connection, quote_id)
    where = f"\n{known.public_url}/quote?id={quote_id}\n" if known.public_url else ""
    text = f"{name} has accepted your quote; its add-ons are being set up.\n{where}"
    number = connection.scalar(select(sales_quote.c.moves).where(sales_quote.c.id == quote_id)) or 0
    write(connection, quote_id, number, [Letter(owner.casefold(), f"Accepted: quote for {name}", text)])


def _begun(connection: Connection, customer: str, asked: Json, person: str, at: datetime) -> str:
    settings = _completed(asked["kind"], asked["settings"], at)
    name, _ = begin(connection, customer, asked["addon"], asked["kind"], By(person, ROLE), settings)
    return name


def _completed(kind: str, settings: Json, at: datetime) -> Json:
    """Settings with what is only known at acceptance: tokens that prove a name, when a promise begins."""
    if kind == "uptime_sla":
        begins = month_of(at)
        later = {months_before(begins, -after): fee for after, fee in settings.get("later", ())}
        return {**settings, "begins": begins, **({"later": later} if later else {})}
    if kind == "custom_domain":
        return {**settings, "token": uuid4().hex} if settings["hostname"] else {}
    domains = [{**each, "token": uuid4().hex} for each in settings["domains"]]
    return {**settings, "domains": domains}
