"""An uptime promise: its tier and terms, downtime of months, and what they cost."""

from collections.abc import Mapping
from decimal import Decimal
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import cache, dialogs, formatting, states, widgets
from dashboard.addons import uptime
from dashboard.addons.states import LIVE
from dashboard.columns import Column
from dashboard.grids import grid
from dashboard.metrics import addon_setups
from dashboard.onboarding import crediting
from dashboard.onboarding import credits as addon_credits
from dashboard.onboarding import desk as addon_desk
from dashboard.onboarding.desk import Kept
from data import clock, money
from data.catalog import UptimeTier

MONTHS = (
    Column("month", "Month", "month"),
    Column("minutes", "Minutes", "count"),
    Column("down", "Minutes down", "count"),
    Column("uptime", "Uptime"),
    Column("percent", "Credit of the fee"),
    Column("credit", "Credit", "amount"),
    Column("claim_until", "To be claimed before", "day"),
    Column("note", "Note", "long"),
)


def form(kept: Kept, editable: bool) -> None:
    """The terms beside what they come to, then the months."""
    tiers = addon_desk.tiers(kept.addon)
    if agreed := addon_desk.tier_of(kept.settings, tiers):
        tiers = {**tiers, str(agreed.uptime): agreed}
    if not tiers:
        states.empty("The catalogue has no tiers for this add-on.")
        return
    fields, led_to = st.columns(2, gap="large")
    with fields:
        terms = _terms(kept, tiers, editable and kept.state not in LIVE)
    with led_to:
        _comes_to(tiers[terms[0]], terms[1], terms[2])
    _months(kept, editable)


def _terms(kept: Kept, tiers: dict[str, UptimeTier], editable: bool) -> tuple[str, int | None, str]:
    """Tier, the month's fee in minor units, currency: as they are typed."""
    told, key = kept.settings, kept.id if editable else f"{kept.id}_{kept.version}"
    usual = addon_desk.offered()[kept.addon].excluded
    st.markdown("**What is promised**")
    names = list(tiers)
    place = names.index(told["tier"]) if told.get("tier") in names else 0
    tier = st.selectbox(
        "Uptime a month",
        names,
        index=place,
        format_func="{}%".format,
        key=f"sla_tier_{key}",
        disabled=not editable,
    )
    currency = str(told.get("currency") or cache.reporting_currency())
    left, right = st.columns(2)
    typed = left.text_input(
        "A month's fee", value=_major(told.get("fee"), currency), key=f"sla_fee_{key}", disabled=not editable
    )
    given = right.text_input(
        "Currency", value=currency.upper(), key=f"sla_code_{key}", max_chars=3, disabled=not editable
    )
    code = (given or "").lower()
    months = _choices(told.get("begins"))
    begins = st.selectbox(
        "Runs from", months, index=months.index(told["begins"]) if told.get("begins") in months else 0,
        format_func=formatting.month, key=f"sla_begins_{key}", disabled=not editable,
    )  # fmt: skip
    excluded = st.text_area(
        "What does not count as downtime", value=str(told.get("excluded", usual)), key=f"sla_excluded_{key}",
        max_chars=2000, height=80, placeholder="Such as announced maintenance", disabled=not editable,
    )  # fmt: skip
    fee = _minor(typed or "", code)
    if typed and fee is None:
        st.error("The fee is an amount above 0 such as 1200.00, the currency a code such as USD.")
    if editable and st.button("Keep promise", type="primary", key="sla_keep", disabled=fee is None):
        assert fee is not None
        keep = partial(addon_desk.promise, kept, tier, begins, fee, code, excluded or "")
        dialogs.make(keep, "The promise is kept.")
    if editable and told.get("tier") and (tier, begins, fee, code) != _kept(told):
        fee_told = formatting.amount(told["fee"], told["currency"])
        st.caption(
            formatting.markdown(f"Kept now: {told['tier']}% from {told['begins']}, {fee_told} a month.")
        )
    if later := told.get("later"):
        fees = [
            f"{formatting.amount(amount, told['currency'])} from {formatting.month(month)}"
            for month, amount in sorted(later.items())
        ]
        st.caption(formatting.markdown(f"A month's fee as the contract goes on: {', '.join(fees)}."))
    if kept.state in LIVE:
        st.caption("A promise that runs is not changed: disable it and request it again.")
    return str(tier), fee, code


def _kept(told: Mapping[str, Any]) -> tuple[Any, ...]:
    return told["tier"], told["begins"], told["fee"], told["currency"]


def _choices(chosen: object) -> list[str]:
    """Months from which it may run: this one, the next six and the last twelve."""
    now = clock.month_of(clock.now())
    ahead = [now]
    for _ in range(6):
        ahead.append(clock.next_month(ahead[-1]))
    months = [*ahead, *(clock.months_before(now, back) for back in range(1, 13))]
    return [*months, *([str(chosen)] if chosen and chosen not in months else [])]


def _major(fee: object, currency: str) -> str:
    return "" if fee is None else f"{money.major(int(str(fee)), currency):f}"


def _minor(text: str, currency: str) -> int | None:
    """Minor units of a typed amount; None for what is no such amount above 0."""
    try:
        minor = Decimal(text.replace(",", "").strip()).scaleb(money.decimals(currency))
    except (ArithmeticError, ValueError):
        return None
    plain = len(currency) == 3 and currency.isascii() and currency.isalpha()
    return int(minor) if plain and minor.is_finite() and 0 < minor < 10**12 and minor == int(minor) else None


def _comes_to(tier: UptimeTier, fee: int | None, currency: str) -> None:
    """The tier as minutes, its credits, and the most that a month can cost."""
    st.markdown("**What it comes to**")
    st.markdown(
        f"{tier.uptime}% allows {uptime.allowed(tier):,.2f} minutes down in a month of 30 days. A minute "
        "counts as down when over 5% of its requests failed."
    )
    rows = [
        (f"Below {line.below}%", f"{line.percent}%", _amount(fee, line.percent, currency))
        for line in tier.credits
    ]
    frame = pd.DataFrame(rows, columns=["Uptime of the month", "Of the month's fee", "Credit"])
    st.table(frame.map(formatting.markdown), hide_index=True, border="horizontal")
    if fee is not None:
        most = formatting.markdown(formatting.amount(uptime.greatest(tier, fee), currency))
        st.markdown(f"The most that one month can cost: **{most}**. Claims: within {uptime.CLAIM_DAYS} days.")


def _amount(fee: int | None, percent: int, currency: str) -> str:
    return formatting.DASH if fee is None else formatting.amount(uptime.credit(fee, percent), currency)


def _months(kept: Kept, editable: bool) -> None:
    """Every month that it ran in, with downtime, uptime and credit by the terms of that month."""
    now = clock.now()
    try:
        found = addon_credits.months(kept, now)
    except addon_desk.AddonError as error:
        st.error(formatting.markdown(str(error)), icon=":material/error:")
        return
    begins = kept.settings.get("begins")
    if not found and not begins:
        return
    months, currencies = [each for each, _ in found], [str(terms["currency"]) for _, terms in found]
    with widgets.card(
        "Months", "Uptime = (minutes − minutes down) / minutes; the credit is a share of the month's fee."
    ):
        if not months:
            runs = "It runs" if kept.state in LIVE else "Once it is active, it runs"
            st.markdown(f"{runs} from {formatting.month(str(begins))}.")
            return
        rows = addon_setups.promise_months(months, now).assign(currency=currencies)
        grid(rows, *crediting.priced(MONTHS, currencies), "addon_months")
        if editable:
            _enter(kept, months)


def _enter(kept: Kept, months: list[uptime.Month]) -> None:
    """Downtime of one month typed in, or of many from a file."""
    left, right = st.columns(2, gap="large")
    with left:
        whole = min(1, len(months) - 1)  # the last month that is over, where there is one
        names = [each.month for each in months]
        month = st.selectbox("Month", names, index=whole, format_func=formatting.month, key="sla_month")
        stands = next((each.down for each in months if each.month == month), None)
        minutes = st.number_input(
            "Minutes down", 0, uptime.minutes_of(month), None, key="sla_minutes",
            placeholder="Not known yet" if stands is None else f"{stands} so far",
        )  # fmt: skip
        if st.button("Keep downtime", key="sla_note", disabled=minutes is None):
            note = partial(addon_desk.note_downtime, kept, {month: int(minutes or 0)}, "typed")
            dialogs.make(note, "The downtime is kept.")
    with right:
        given = st.file_uploader("CSV with month,minutes", type="csv", key="sla_file", max_upload_size=1)
        if given is None:
            return
        found, wrong = uptime.read_csv(given.getvalue().decode("utf-8", "replace"))
        for sentence in wrong:
            st.markdown(formatting.markdown(sentence))
        if found and st.button(f"Keep {formatting.plural(len(found), 'month')}", key="sla_keep_file"):
            dialogs.make(partial(addon_desk.note_downtime, kept, found, "CSV"), "The downtime is kept.")
