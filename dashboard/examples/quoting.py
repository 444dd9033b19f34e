"""What people do with quotes, as the pages do it: each step is checked, kept and audited like theirs."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime, time, timedelta
from typing import Any

from dashboard.actions import quoting_completing, running
from dashboard.actions.quoting import AcceptQuote, CancelQuote, SendQuote
from dashboard.actions.quoting_writing import WriteQuote
from dashboard.examples.world import SELLER, Person, World
from dashboard.quotes import order_form, rules
from dashboard.quotes.fields import STARTING, Fields, given
from dashboard.quotes.offering import wanted
from dashboard.quotes.pricing import Priced, price
from dashboard.quotes.reading import read
from dashboard.quotes.sealing import figures, seal
from data import clock
from data.audit import Entry
from data.quotes import approvals, drafts, links, offers
from data.quotes.approvals import Decision
from data.quotes.drafts import Draft
from data.quotes.offers import Document, Offer
from data.quotes.states import APPROVED, WAITING, WITHDRAWN, Move, go

Json = dict[str, Any]
SIGNED = b"\n% The copy that the customer signed\n%%EOF\n"


def draft_of(world: World, name: str) -> Draft:
    """A quote as it is now."""
    found = drafts.latest(world.url, world.quotes[name])
    assert found is not None
    return found


def offer_of(world: World, name: str) -> Offer:
    return offers.offers(world.url, world.quotes[name])[0]


def _priced(world: World, fields: Fields) -> Priced:
    """What fields come to. Raises ValueError with what is broken."""
    reading = read(fields, world.sold, clock.now().date())
    if reading.quote is None or reading.broken:
        raise ValueError(f"an example is broken: {[each.told for each in reading.broken]}")
    return price(reading.quote, world.sold)


def _fields(told: Mapping[str, Any]) -> dict[str, Any]:
    """Days that are told as so many days from now become dates."""
    today = clock.now().date()
    return {
        name: (today + value).isoformat() if isinstance(value, timedelta) else value
        for name, value in told.items()
    }


def begin(world: World, name: str, fields: Mapping[str, Any]) -> None:
    """Begin a quote."""
    told = given({**STARTING, "currency": world.chosen.reporting_currency, **_fields(fields)})
    world.quotes[name] = drafts.create(world.url, told, SELLER.name)


def clone(world: World, name: str, origin: str, fields: Mapping[str, Any]) -> None:
    """Begin one with the fields of another, and some of its own."""
    before = draft_of(world, origin)
    told = given({**before.fields, **_fields(fields)})
    world.quotes[name] = drafts.create(world.url, told, SELLER.name, cloned_from=before.id)


def revise(world: World, name: str, origin: str, fields: Mapping[str, Any]) -> None:
    """Begin the quote that takes another's place once it is sent."""
    before = draft_of(world, origin)
    told = given({**before.fields, **_fields(fields)})
    world.quotes[name] = drafts.revise(world.url, before.id, told, SELLER.name)


def edit(world: World, name: str, fields: Mapping[str, Any]) -> None:
    """Keep another version of it."""
    now = draft_of(world, name)
    told = given({**now.fields, **_fields(fields)})
    assert drafts.save(world.url, now.id, now.version, told, SELLER.name, SELLER.role)


def ask(world: World, name: str, reason: str) -> None:
    """Ask whoever has to agree; where nobody has to, it is approved."""
    draft = draft_of(world, name)
    found, at = _priced(world, draft.fields), clock.now()
    needed = rules.needed(found, draft.fields, world.sold.approval, world.rates, clock.month_of(at))
    moved = _move(SELLER, draft, WAITING if needed else APPROVED, reason, found)
    approvals.ask(world.url, moved, needed, at + timedelta(days=world.chosen.approval_days))


def _move(by: Person, draft: Draft, to: str, reason: str, found: Priced | None = None) -> Move:
    sealed = (seal(draft.fields, found), asdict(figures(found))) if found else (None, None)
    who = (clock.now(), by.name, by.role)
    return Move(draft.id, draft.state, to, draft.version, *who, reason or None, *sealed)


def agree(world: World, name: str, role: str, comment: str) -> None:
    """Somebody who was asked to agree does; who was not asked says nothing."""
    if role in _asked(world, name):
        approvals.agree(world.url, _decision(world, name, Person(role), comment))


def refuse(world: World, name: str, role: str, comment: str) -> None:
    """Somebody who was asked to agree does not: it is a draft again."""
    approvals.refuse(world.url, _decision(world, name, Person(role), comment))


def _asked(world: World, name: str) -> list[str]:
    """The roles that it waits for."""
    every = approvals.rounds(world.url, world.quotes[name])
    return [each.role for each in every if each.state == "waiting"]


def _decision(world: World, name: str, by: Person, comment: str) -> Decision:
    draft = draft_of(world, name)
    return Decision(draft.id, draft.version, by.role, by.name, by.role, comment, clock.now())


def give_up(world: World, name: str, reason: str) -> None:
    """Withdraw what was not sent."""
    go(world.url, _move(SELLER, draft_of(world, name), WITHDRAWN, reason))


def send(world: World, name: str) -> None:
    """Write it at Stripe, compare the totals, keep the order form, and send it."""
    draft = draft_of(world, name)
    found = _priced(world, draft.fields)
    sealed = seal(draft.fields, found)
    of: Json = {"quote": draft.id, "version": draft.version, "seal": sealed, "owner": draft.created_by}
    of["name"] = draft.name
    if world.chosen.quote_tax:
        of["tax"] = list(world.chosen.quote_tax)
    plan = wanted(of, draft.fields, found, world.sold, clock.now().date())
    told = [str(draft.fields.get(each) or "") for each in ("prospect", "prospect_email")]
    customer = str(draft.fields.get("customer_id") or "") or _became(world, draft)
    write = WriteQuote(customer, draft.id, draft.version, sealed, json.dumps(plan), *told)
    world.do(SELLER, write, "To compare the totals before it is sent")
    mine = offer_of(world, name)
    revised = [each.id for each in offers.offers(world.url, draft.revises or "") if each.state == "open"]
    later = bool(plan["terms"]["starts_at"])
    command = SendQuote(**_named(mine), **plan["expected"], later=later, revises="".join(revised))
    actor = world.actor(SELLER)
    shown = running.preview(world.gateway, actor, command)
    content = _paper(world, draft, found, str(mine.customer_id), shown.seen["expires_at"])
    at = clock.now()
    offers.keep(
        world.url, mine.id, Document(f"Order form {draft.name}.pdf", "order_form", content, at, SELLER.name)
    )
    running.execute(world.url, world.gateway, actor, command, shown, "Sent")


def _became(world: World, draft: Draft) -> str:
    """The customer that a prospect became when the quote was sent that this one revises."""
    earlier = offers.offers(world.url, draft.revises) if draft.revises else ()
    return next((str(each.customer_id) for each in earlier if each.customer_id), "")


def _named(offer: Offer) -> Json:
    of = {"quote_id": offer.quote_id, "version": offer.version, "seal": offer.seal}
    return {"customer_id": str(offer.customer_id), **of, "offer_id": offer.id}


def _paper(world: World, draft: Draft, found: Priced, customer: str, ends: int) -> bytes:
    known = world.gateway.get(f"/v1/customers/{customer}")
    details = {**(known.get("address") or {}), "email": known.get("email")}
    earlier = drafts.latest(world.url, draft.revises) if draft.revises else None
    paper = order_form.Paper(
        draft.name,
        seal(draft.fields, found),
        order_form.Party(world.chosen.seller_name),
        order_form.party(str(known["name"]), details),
        draft.created_by,
        clock.now().date(),
        world.chosen.order_terms,
        datetime.fromtimestamp(ends - 1, UTC).date(),
        earlier.name if earlier else "",
    )
    return order_form.pdf(paper, draft.fields, found, world.sold)


def link(world: World, name: str, days: int) -> None:
    """Make a link to its papers."""
    offer, at = offer_of(world, name), clock.now()
    until = at.date() + timedelta(days)
    told = (
        SELLER.name,
        SELLER.role,
        "Make link to quote",
        "done",
        offer.customer_id,
        offer.id,
        f"until {until}",
    )
    ends = datetime.combine(until + timedelta(1), time(), UTC)
    links.make(world.url, offer, ends, Entry(at, *told))


def opened(world: World, name: str) -> None:
    """The customer opens the link."""
    newest = links.links(world.url, offer_of(world, name).id)[0]
    links.opened(world.url, newest)


def accept(world: World, name: str, signatory: str) -> None:
    """The customer's yes, with the signed paper, and all that follows from it."""
    offer = offer_of(world, name)
    (form,) = offers.documents(world.url, offer.id, "order_form")
    signed = Document("Signed order form.pdf", "signed", form.content + SIGNED, clock.now(), SELLER.name)
    offers.keep(world.url, offer.id, signed)
    day = clock.now().date().isoformat()
    command = AcceptQuote(**_named(offer), signatory=signatory, signed_on=day)
    world.do(SELLER, command, f"Signed by {signatory} on {day}")
    mine = [each for each in offers.incomplete(world.url) if each.id == offer.id]
    for _, why in quoting_completing.complete(world.url, world.gateway, mine):
        raise ValueError(why)


def decline(world: World, name: str, reason: str) -> None:
    """The customer's no."""
    world.do(SELLER, CancelQuote(**_named(offer_of(world, name)), to_state="declined"), reason)
