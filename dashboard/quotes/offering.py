"""What is written down of a quote before Stripe is told: its billing plan as plain values, ids and words."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from typing import Any

from dashboard.quotes.billing import Coupon, Row, Stage, plan
from dashboard.quotes.fields import ENDS, RENEWAL, Fields
from dashboard.quotes.model import INTERVALS
from dashboard.quotes.pricing import Period, Priced, price
from dashboard.quotes.settings import asked
from data.catalog import Addon, Catalog, Plan
from data.money import half_up

Json = dict[str, Any]
LONGEST_TEXT = 500  # of a quote's footer and description, at Stripe


def wanted(of: Json, fields: Fields, priced: Priced, sold: Catalog, today: date) -> Json:
    """Everything that Stripe is to bill for a quote.

    of: {"quote": its id, "version", "seal", "owner": who sells it, "name": what people call it}. Amounts are
    in minor units of `currency`.
    """
    quote, known = priced.quote, plan(priced, sold)
    nets = {period.month: period.net for period in priced.periods}
    names = {each: _id(of, each) for each in known.coupons}
    return {
        **of,
        "currency": quote.currency,
        "interval": _interval(quote.interval),
        "entries": {key: _entry(sold, key) for key in (quote.plan, *quote.addons)},
        "coupons": [_coupon(each, names[each], quote.currency) for each in known.coupons],
        "stages": [_stage(each, names, nets[each.month]) for each in known.stages],
        "fees": [
            {"product": f"{_stem(of)}-fee-{place}", "name": name, "amount": amount}
            for place, (name, amount) in enumerate(known.fees, 1)
        ],
        "terms": _terms(of, fields, priced, today),
        "setups": list(setups(fields, priced, sold)),
        "expected": {"first": priced.first_invoice, "again": _again(priced, sold), "fees": priced.fees},
        **({"joins": _joins(priced)} if quote.joins else {}),
    }


def _again(priced: Priced, sold: Catalog) -> int:
    """What a whole period has of it without the discounts that end, as Stripe tells what recurs."""
    quote = priced.quote
    lasting = {on: each for on, each in quote.discounts.items() if each.months is None}
    return price(replace(quote, discounts=lasting), sold).whole.net


def _joins(priced: Priced) -> Json:
    """What it adds to, and the part until the renewal: each line's amount; none where it starts there."""
    quote, join = priced.quote, priced.quote.joins
    assert join is not None
    assert quote.start is not None
    part = priced.periods[0].charges if quote.share else ()
    return {
        "subscription": join.subscription,
        "plan": join.plan,
        "capacity": join.capacity,
        "period_start": join.period_start.isoformat(),
        "renews_on": join.renews_on.isoformat(),
        "start": quote.start.isoformat(),
        "part": [{"key": each.key, "amount": each.net} for each in part],
        "arr": priced.arr,
    }


def _stem(of: Json) -> str:
    return f"{of['quote']}-{of['version']}"


def _id(of: Json, coupon: Coupon) -> str:
    """A coupon's id at Stripe: the same whenever it is tried again, and of this version alone."""
    return f"{_stem(of)}-{coupon.name}"


def _interval(code: str) -> Json:
    months = INTERVALS[code]
    if months == 12:
        return {"interval": "year", "interval_count": 1}
    return {"interval": "month", "interval_count": months}


def _entry(sold: Catalog, key: str) -> Json:
    entry = sold.entry(key)
    if entry is None:
        raise ValueError(f"{key} is not in the catalogue")
    known, is_plan = sold.recognise, isinstance(entry, Plan)
    said = known.plan_metadata if is_plan else known.addon_metadata
    return {
        "name": entry.name,
        "metadata": {said: key},
        "unit": entry.capacity_unit if isinstance(entry, Plan) else None,
    }


def _coupon(coupon: Coupon, identity: str, currency: str) -> Json:
    """A coupon; customers read its name on their invoices, so it says no reason."""
    off: Json = {"percent_off": float(coupon.percent)} if coupon.percent else {"amount_off": coupon.amount}
    if not coupon.percent:
        off["currency"] = currency
    if coupon.months is None:
        lasts: Json = {"duration": "forever"}
    else:
        lasts = {"duration": "repeating", "duration_in_months": coupon.months}
    return {"id": identity, "name": "Agreed discount", **off, **lasts}


def _stage(stage: Stage, names: Mapping[Coupon, str], net: int) -> Json:
    """A stage; net: of its first period."""
    return {
        "month": stage.month,
        "months": stage.months,
        "capacity": stage.capacity,
        "rows": [_row(row, names) for row in stage.rows],
        "coupons": [names[each] for each in stage.coupons],
        "net": net,
    }


def _row(row: Row, names: Mapping[Coupon, str]) -> Json:
    tiers = [tier.model_dump() for tier in row.tiers]
    return {
        "key": row.key,
        "quantity": row.quantity,
        "unit_amount": row.unit_amount,
        "tiers": tiers,
        "mode": row.mode,
        "coupons": [names[each] for each in row.coupons],
    }


def _terms(of: Json, fields: Fields, priced: Priced, today: date) -> Json:
    quote = priced.quote
    by_invoice = fields.get("collection") == "send_invoice"
    expires = fields.get("expires_on")
    metadata = {
        "quote": of["quote"],
        "version": str(of["version"]),
        "capacity": str(quote.capacity),
        "term_months": str(quote.term),
        "account_manager": of["owner"],
    }
    metadata |= _at_the_end(fields) if quote.joins is None else {}
    if fields.get("po_number"):
        metadata["po_number"] = str(fields["po_number"])
    return {
        "collection_method": "send_invoice" if by_invoice else "charge_automatically",
        "days_until_due": int(fields.get("net_days") or 0) if by_invoice else None,
        "expires_at": midnight(date.fromisoformat(str(expires)) + timedelta(days=1)) if expires else None,
        "starts_at": midnight(quote.start) if quote.start and quote.start > today else None,
        "footer": str(fields.get("notes_outside") or "")[:LONGEST_TEXT],
        "metadata": metadata,
        "ends": metadata.get("auto_renews") == "false",
    }


def _at_the_end(fields: Fields) -> dict[str, str]:
    """What is agreed for the end of the term, as data.contracts reads it; what is not said is left out."""
    agreed, renewal, days = {}, fields.get("renewal"), fields.get("notice_days")
    if renewal in RENEWAL:
        agreed["auto_renews"] = "false" if renewal == ENDS else "true"
    if renewal != ENDS and isinstance(days, int):
        agreed["notice_days"] = str(days)
    return agreed


def midnight(day: date) -> int:
    """When a day begins, UTC, in epoch seconds."""
    return int(datetime.combine(day, time(), UTC).timestamp())


def setups(fields: Fields, priced: Priced, sold: Catalog) -> Iterator[Json]:
    """What is to be set up once it is accepted: the add-on, its kind, and the settings that are agreed."""
    for key in priced.quote.addons:
        addon = sold.entry(key)
        if isinstance(addon, Addon) and addon.kind != "other":
            settings = SETTINGS[addon.kind](asked(addon, fields), priced, addon)
            yield {"addon": key, "kind": addon.kind, "settings": settings}


def _sign_on(said: Json, priced: Priced, addon: Addon) -> Json:
    return {
        "protocol": said.get("protocol", "saml"),
        "domains": [{"name": name} for name in said.get("domains", ())],
        "scim": said.get("scim") == "yes",
    }


def _domain(said: Json, priced: Priced, addon: Addon) -> Json:
    return {"hostname": said.get("hostname", "")}


def _promise(said: Json, priced: Priced, addon: Addon) -> Json:
    """The month's fee is that of the first whole period, less its discounts; later: [month of the term, fee]
    from each period on that has another one; credits: as they are agreed.
    """
    key = addon.key
    fee, later = _monthly(priced, priced.whole, key), list[tuple[int, int]]()
    for period in priced.periods if priced.quote.joins is None else ():
        other = _monthly(priced, period, key)
        if other != (later[-1][1] if later else fee):
            later.append((period.month, other))
    promised = next((each for each in addon.tiers if each.uptime == priced.quote.tiers.get(key)), None)
    found: Json = {
        "tier": str(promised.uptime) if promised else "",
        "credits": promised.table if promised else [],
        "fee": fee,
        "currency": priced.quote.currency,
        "excluded": addon.excluded,
    }
    return found | ({"later": [list(each) for each in later]} if later else {})


def _monthly(priced: Priced, period: Period, key: str) -> int:
    """What an add-on costs in a month of a billing period, after discounts."""
    net = next(charge.net for charge in period.charges if charge.key == key)
    return half_up(Fraction(net, INTERVALS[priced.quote.interval]))


SETTINGS: Mapping[str, Callable[[Json, Priced, Addon], Json]] = {
    "single_sign_on": _sign_on,
    "custom_domain": _domain,
    "uptime_sla": _promise,
}
