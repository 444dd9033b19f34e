"""What falls due: committed periods that end, or the contract terms that govern them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

import pandas as pd
from sqlalchemy import Connection, Engine

from data import contracts, money
from data.catalog import current
from data.clock import from_epoch
from data.contracts import Terms
from data.frames import due
from data.frames.due import Company
from data.frames.products import products
from data.frames.reading import INSTANT, made
from data.frames.risks import Seen, risks
from data.frames.shared import Audiences, of_audiences

DTYPES: Mapping[str, Any] = {
    "subscription_id": "string",
    "customer_id": "string",
    "customer_name": "string",
    "customer_email": "string",
    "account_manager": "string",
    "segment": "string",
    "country": "string",
    "product_ids": "string",
    "plan": "string",
    "interval": "string",
    "currency": "string",
    "arr": "Int64",
    "due_at": INSTANT,
    "governs": "string",
    "notice_at": INSTANT,
    "price_end_at": INSTANT,
    "term_end_at": INSTANT,
    "invoice_at": INSTANT,
    "auto_renews": "boolean",
    "discount_ends_at": INSTANT,
    "discount": "string",
    "collection_method": "string",
    "status": "string",
    "cancel_at_period_end": "boolean",
    "cancel_at": INSTANT,
    "risks": "string",
    "evidence": "string",
    "capacity": "Int64",
    "used": "Int64",
}


class Key(NamedTuple):
    """What falls due together."""

    due: datetime
    subscription_id: str
    interval: str
    governs: str


@dataclass(frozen=True)
class Contract:
    """What holds beyond the billing period: by "schedule", by "quote", or, without an end, by "period"."""

    governs: str
    begun: datetime | None
    end: datetime | None
    terms: Terms
    quote_id: str | None


PLAIN = Contract("period", None, None, Terms(), None)
"""That of a subscription of which no schedule, quote or metadata says more."""
UNKNOWN = Company()
ENDLESS = datetime(9999, 12, 31, tzinfo=UTC)


@dataclass(frozen=True)
class Facts:
    """What is known around the items, by subscription or customer."""

    now: datetime
    companies: Mapping[str, Company]
    quotes: Mapping[str, list[Any]]
    not_live: Mapping[str, tuple[str, ...]]
    offers: Mapping[str, list[datetime]]


def renewals(engine: Engine, now: datetime, until: datetime, *, audiences: Audiences = None) -> pd.DataFrame:
    """Renewals due from now until an instant (exclusive), soonest first; the columns are DTYPES.

    A row for each subscription, interval and due date; product_ids are joined by "|", risks by "; ", evidence
    too, a text for each risk in the same order. arr is the run rate of these items now: 0 while unpaid.
    governs is "schedule" or "quote" where a contract's term ends, else "period". What is not known is null.
    """
    return read_renewals(engine, now, until, due.candidates(now, until), audiences)


class Renewal(NamedTuple):
    """The items that fall due together, what holds of them, and what is known around them."""

    key: Key
    rows: Sequence[Any]
    contract: Contract
    seen: Seen


def read_renewals(
    engine: Engine, now: datetime, until: datetime, ids: due.Ids, audiences: Audiences
) -> pd.DataFrame:
    """`renewals` of some subscriptions, a query of their ids."""
    with engine.connect() as connection:
        ids = due.listed(connection, ids)
        _, found = each_renewal(connection, now, ids, audiences)
        discounts = due.discounts(connection, ids, now)
    plans = products(engine).set_index("product_id")["plan"].to_dict()
    told = [
        _row(each, plans, discounts.get(each.key.subscription_id)) for each in found if each.key.due < until
    ]
    return made(told, dict(DTYPES))


def each_renewal(
    connection: Connection, now: datetime, ids: due.Ids, audiences: Audiences = None
) -> tuple[Facts, list[Renewal]]:
    """What falls due from now on of some subscriptions, the soonest first, and what is known around it."""
    query = due.items(ids, now).where(of_audiences(due.subscription.customer_id, audiences))
    rows = connection.execute(query).all()
    of = due.customers(ids)
    facts = Facts(
        now,
        due.companies(connection, of),
        due.quotes(connection, of),
        due.not_live(connection, of),
        due.offers(connection, of),
    )
    groups: dict[Key, list[Any]] = defaultdict(list)
    found = {row.subscription_id: _contract(row, facts) for row in rows}
    for row in rows:
        contract = found[row.subscription_id]
        at = contract.end or row.current_period_end
        if at is not None and now <= at and (row.arr or row.status == "unpaid"):
            groups[Key(at, row.subscription_id, _interval(row), contract.governs)].append(row)
    return facts, [
        Renewal(key, groups[key], found[key.subscription_id], _seen(key, groups[key][0], found, facts))
        for key in sorted(groups)
    ]


def _seen(key: Key, first: Any, contracts_of: Mapping[str, Contract], facts: Facts) -> Seen:
    contract = contracts_of[key.subscription_id]
    return Seen(
        first,
        key.due,
        facts.now,
        facts.companies.get(first.customer_id, UNKNOWN),
        None if contract.end is None else contract.begun,
        contracts.notice_by(key.due, contract.terms.notice_days),
        contract.terms.auto_renews is True,
        _has_later_quote(contract, first.customer_id, facts),
        facts.not_live.get(first.customer_id, ()),
    )


def _contract(row: Any, facts: Facts) -> Contract:
    """The later of the schedule's end and the end of the accepted quote's term; neither: the period."""
    quotes = facts.quotes.get(row.customer_id, ())
    if not (quotes or row.end_behavior or row.schedule_metadata or row.subscription_metadata):
        return PLAIN
    quote = _accepted(row, quotes)
    said = contracts.terms(quote.metadata if quote else None)
    terms = said.or_else(contracts.terms(row.schedule_metadata)).or_else(
        contracts.terms(row.subscription_metadata)
    )
    by_schedule = contract_end(row.end_behavior, row.phases)
    begun = max(filter(None, (quote.accepted_at, row.start_at)), default=None) if quote else None
    by_quote = terms.end(begun, facts.now) if quote else None
    if by_schedule and (by_quote is None or by_quote <= by_schedule):
        return Contract("schedule", row.schedule_created_at or row.start_at, by_schedule, terms, None)
    if quote and by_quote:
        return Contract("quote", begun, by_quote, terms, quote.id)
    return Contract("period", None, None, terms, None)


def _accepted(row: Any, quotes: Sequence[Any]) -> Any | None:
    """The newest accepted quote that made this subscription or its schedule."""
    mine = (
        quote
        for quote in reversed(quotes)
        if quote.status == "accepted"
        and (
            quote.subscription_id == row.subscription_id
            or (row.schedule_id is not None and quote.subscription_schedule_id == row.schedule_id)
        )
    )
    return next(mine, None)


def contract_end(end_behavior: str | None, phases: Sequence[Mapping[str, Any]] | None) -> datetime | None:
    """The end of a schedule's last phase, where the schedule then cancels or releases; None: no contract."""
    if end_behavior not in ("cancel", "release") or not phases:
        return None
    return from_epoch(phases[-1].get("end"))


def _interval(row: Any) -> str:
    return f"{row.recurring_interval_count or 1}{row.recurring_interval}" if row.recurring_interval else ""


def held(rows: Sequence[Any]) -> str:
    """The products of items, each once, joined by "|"."""
    return "|".join(dict.fromkeys(row.product_id for row in rows if row.product_id))


def _row(renewal: Renewal, plans: Mapping[Any, str], discount: Any | None) -> tuple[Any, ...]:
    """One renewal as the frame has it."""
    key, rows, contract, seen = renewal
    first, company, reasons = rows[0], seen.company, risks(seen)
    product_ids = held(rows)
    return (
        key.subscription_id,
        first.customer_id,
        first.customer_name,
        first.customer_email,
        company.account_manager,
        company.segment,
        company.country or first.country,
        product_ids,
        _plan([plans.get(product, product) for product in product_ids.split("|") if product]),
        key.interval,
        first.currency,
        sum(row.arr or 0 for row in rows),
        key.due,
        key.governs,
        seen.notice_at,
        _price_end(first, contract),
        contract.end,
        min((row.current_period_end for row in rows if row.current_period_end), default=None),
        _auto_renews(first, contract),
        None if discount is None else discount.end_at,
        None if discount is None else _off(discount),
        first.collection_method,
        first.status,
        first.cancel_at_period_end,
        first.cancel_at,
        "; ".join(reasons),
        "; ".join(reasons.values()),
        company.capacity,
        company.used,
    )


def _has_later_quote(contract: Contract, customer_id: str, facts: Facts) -> bool:
    """Whether another quote was made since the contract began, and neither expired nor was taken back."""
    begun, until = contract.begun, quoted_until(contract, customer_id, facts)
    ours = (begun is None or at > begun for at in facts.offers.get(customer_id, ()))
    return any(ours) or (until is not None and until > facts.now)


def quoted_until(contract: Contract, customer_id: str, facts: Facts) -> datetime | None:
    """Until when a quote at Stripe is good that was made since a contract began; None: there is none."""
    begun = contract.begun
    later = (
        ENDLESS if quote.status == "accepted" or quote.expires_at is None else quote.expires_at
        for quote in facts.quotes.get(customer_id, ())
        if quote.id != contract.quote_id and (begun is None or (quote.created_at or facts.now) > begun)
    )  # fmt: skip
    return max(later, default=None)


def _price_end(row: Any, contract: Contract) -> datetime | None:
    """Until when the price holds: as agreed, else to the end of the schedule's phase or the quote's term."""
    if contract.terms.price_until is not None:
        return contract.terms.price_until
    if contract.governs == "schedule":
        phase_end: datetime | None = row.current_phase_end
        return phase_end or contract.end
    return contract.end


def _auto_renews(row: Any, contract: Contract) -> bool | None:
    """Whether it goes on without anybody's doing; None where a quote's term does not say."""
    if row.cancel_at_period_end or row.cancel_at is not None:
        return False
    if contract.terms.auto_renews is not None:
        return contract.terms.auto_renews
    if contract.governs == "schedule":
        return bool(row.end_behavior == "release")
    return True if contract.governs == "period" else None


def _off(discount: Any) -> str:
    """What a discount takes off, in words."""
    if discount.percent_off is not None:
        return f"{discount.percent_off.removesuffix('.0')}% off"
    if discount.amount_off is not None and discount.currency:
        major = money.major(discount.amount_off, discount.currency)
        return f"{major} {discount.currency.upper()} off"
    return str(discount.name or "A discount")


def plans_of(engine: Engine, product_ids: "pd.Series[str]") -> "pd.Series[str]":
    """The plan among products that are joined by "|", of each row; null where there is no product."""
    plans = products(engine).set_index("product_id")["plan"].to_dict()
    named = {
        ids: _plan([plans.get(each, each) for each in ids.split("|")]) for ids in set(product_ids.dropna())
    }
    return product_ids.map(named).astype("string")


def _plan(names: Sequence[str]) -> str | None:
    """The plan among what falls due together, or the first of it when none is a plan."""
    if len(names) < 2:
        return next(iter(names), None)
    ranks = {plan.name: plan.rank for plan in current().plan}
    return max(names, key=lambda name: ranks.get(name, -1))
