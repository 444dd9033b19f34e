"""The filters above a page. They live in the address, so a view can be shared; nonsense there is ignored.

known = filters.facts(snapshot)
selection, against = filters.bar(known, against=True)
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import pandas as pd
import streamlit as st

from dashboard import address, formatting
from dashboard.cache import Snapshot, reporting_currency
from dashboard.figures import figures
from dashboard.metrics import audiences, conversion
from dashboard.metrics import plans as catalogue
from dashboard.metrics.selection import Selection
from dashboard.store import once
from data import clock

PERIODS = {"Last 6 months": 6, "Last 12 months": 12, "Last 24 months": 24, "All time": 0}
DEFAULT_PERIOD = "Last 12 months"
KEYS = ("period", "plan", "interval", "currency", "against", *audiences.ATTRIBUTES)
LENGTHS = {"day": 1, "week": 7, "month": 30, "year": 365}
EVERY = "all"
"""The choice of all currencies, converted into the reporting one."""
AGAINST = {
    "year": "Against a year before",
    "month": "Against the month before",
    "period": "Against the start",
}
BACK = {"year": 12, "month": 1}

Of = Literal[True, False, "now", "whole"]


@dataclass(frozen=True)
class Facts:
    """What there is to filter by: the frames that pages of plans and months share, and the current month."""

    month_end: pd.DataFrame
    products: pd.DataFrame
    current: str
    currencies: list[str]
    snapshot: Snapshot
    audiences: pd.DataFrame = field(default_factory=pd.DataFrame)
    convertible: bool = False  # whether a rate turns any other currency into the reporting one

    @cached_property
    def months(self) -> list[str]:
        """Every month from the first with a balance to the current one."""
        first = once(_first, self.month_end) or self.current
        return clock.months_between(str(first), self.current) or [self.current]


def _first(month_end: pd.DataFrame) -> str:
    """The first month with a balance; "" where there is none."""
    return str(min(month_end["month"], default=""))


def facts(snapshot: Snapshot) -> Facts:
    """The facts of a snapshot; currencies with the reporting currency first, then by subscribers."""
    current = clock.month_of(snapshot.now)
    month_end = snapshot.frame("month_end")
    ranked = snapshot.kept("currencies", (), lambda: _ranked(snapshot, month_end))
    return Facts(
        month_end,
        snapshot.frame("products"),
        current,
        ranked,
        snapshot,
        snapshot.frame("audiences") if snapshot.has("audiences") else pd.DataFrame({"id": []}),
        _is_convertible(snapshot, ranked, current),
    )


def _ranked(snapshot: Snapshot, month_end: pd.DataFrame) -> list[str]:
    holdings = snapshot.frame("month_end_subscribers")
    newest = holdings.loc[(holdings["month"] == holdings["month"].max()) & (holdings["currency"] != "")]
    counted = newest.groupby("currency")["subscribers"].sum()
    ranked = [str(code) for code in counted.sort_values(ascending=False, kind="stable").index]
    ranked += sorted({str(code) for code in month_end["currency"]} - set(ranked))
    ranked.sort(key=lambda code: code != reporting_currency())
    return ranked


def _is_convertible(snapshot: Snapshot, currencies: Sequence[str], current: str) -> bool:
    to = reporting_currency()
    rates = snapshot.frame("exchange_rates")
    if rates.empty:
        return False
    table = snapshot.kept("rates into", (to,), lambda: conversion.rates_into(to, rates))
    return any(code != to and table.closing(code, current) is not None for code in currencies)


def bar(
    known: Facts,
    *,
    period: bool = True,
    against: Of = False,
    plan: bool = True,
    currency: bool = True,
    customer: bool = True,
) -> tuple[Selection, str]:
    """Draw the filters in a row that wraps; the selection, and the month to compare with or "".

    against: draw "compare with", relative to the current month (True or "now") or to the last whole month of
    the period ("whole"). A page that plans, currencies or customers mean nothing to leaves them out.
    """
    with _row():
        months = _months(known) if period else tuple(known.months)
        code = _currency(known) if currency else (known.currencies or [reporting_currency()])[0]
        compared = _against(known, months, whole=against == "whole") if against else ""
        plans, intervals = _plans_and_intervals(known) if plan else ([], [])
        people = _people(known) if customer else {}
        if plans or intervals or any(people.values()):
            st.button(
                "Clear", key="clear", type="tertiary", on_click=_clear, help="Show all plans and customers"
            )
    products = catalogue.products_of(known.products, plans) if plans else None
    selection = Selection(
        reporting_currency() if code == EVERY else code,
        months,
        products,
        frozenset(intervals) if intervals else None,
        audiences.chosen(known.audiences, people),
        code == EVERY,
    )
    _say(known, selection)
    return selection, compared


def period(known: Facts) -> tuple[str, ...]:
    """Draw the filter of pages that are about no plan and all currencies; the months."""
    with _row():
        return _months(known)


def months_and_currency(known: Facts) -> Selection:
    """Draw the two filters of pages that are about no plan and know no rates; the selection."""
    with _row():
        months = _months(known)
        return Selection(_currency(known, native=True), months)


def choice(label: str, options: Mapping[Any, str] | Sequence[Any], key: str, default: Any = None) -> Any:
    """One of a few options of a page, side by side and kept in its address; a mapping tells their names."""
    told = options if isinstance(options, Mapping) else {each: str(each) for each in options}
    bound = address.one(key, list(told), lambda each: told[each], default)
    return st.segmented_control(
        label, list(told), format_func=lambda each: told[each], required=True, label_visibility="collapsed",
        **bound,
    )  # fmt: skip


def search(label: str, key: str, placeholder: str = "") -> str:
    """A text that a page is searched for, kept in its address."""
    text: str = st.text_input(
        label, placeholder=placeholder, label_visibility="collapsed", icon=":material/search:",
        **address.text(key),
    )  # fmt: skip
    return text.strip()


def chips(
    label: str, everything: str, key: str, options: Sequence[str], told: Callable[[str], str] = str
) -> list[str]:
    """A button that names what is chosen and opens the choices, kept in the address; none is everything."""
    bound = address.many(key, options, told)
    with st.popover(_named(everything, [told(each) for each in st.session_state[key]]), key=f"{key}_popover"):
        return list(_pills(label, options, told, bound, everything))


@contextmanager
def _row() -> Iterator[None]:
    """Filters side by side as far as there is room; folded on a phone, under what they say."""
    folded = st.expander(_summary(), icon=":material/tune:") if address.on_phone() else nullcontext()
    with folded, st.container(horizontal=True, vertical_alignment="center", gap="small"):
        yield


def _summary() -> str:
    """The title of folded filters: those that the address has."""
    chosen = [text for key in KEYS for text in st.query_params.get_all(key)]
    return formatting.markdown(", ".join(["Filters", *chosen[:3]]) + ("..." if len(chosen) > 3 else ""))


def _months(known: Facts) -> tuple[str, ...]:
    label = st.selectbox(
        "Period", list(PERIODS), label_visibility="collapsed", filter_mode=None, width=160,
        **address.one("period", list(PERIODS), default=DEFAULT_PERIOD),
    )  # fmt: skip
    return tuple(known.months[-PERIODS[label] :])


def _currency(known: Facts, *, native: bool = False) -> str:
    options = known.currencies or [reporting_currency()]
    if known.convertible and not native:
        options = [*options, EVERY]
    chosen: str = st.selectbox(
        "Currency", options, format_func=_currency_name, label_visibility="collapsed", filter_mode=None,
        width=125 if EVERY in options else 92, **address.one("currency", options, _currency_name),
    )  # fmt: skip
    return chosen


def _currency_name(code: str) -> str:
    return f"All in {reporting_currency().upper()}" if code == EVERY else code.upper()


def _against(known: Facts, months: Sequence[str], *, whole: bool) -> str:
    """The month to compare with: so long before the one that the page speaks of, or any that is over."""
    of = next((month for month in reversed(months) if month != known.current), "") if whole else known.current
    earlier = [month for month in known.months if month < of][::-1]
    if not earlier:
        return ""
    meant = {name: clock.months_before(of, count) for name, count in BACK.items()}
    meant["period"] = clock.months_before(min(months), 1)
    options = [name for name in AGAINST if meant[name] in earlier] + earlier
    chosen: str = st.selectbox(
        "Compare with", options, format_func=_against_name, label_visibility="collapsed", filter_mode=None,
        width=215, **address.one("against", options, _against_name),
    )  # fmt: skip
    return meant.get(chosen, chosen)


def compared(known: Facts, of: str, against: str) -> str:
    """The month that another one is compared with on a page whose present is compared with `against`.

    As long before it as that is before the current month, or the very month where one was chosen by name;
    "" where there is none.
    """
    if against and st.session_state.get("against") in AGAINST:
        against = clock.months_before(of, len(clock.months_between(against, known.current)) - 1)
    return against if against in known.months and against < of else ""


def _against_name(code: str) -> str:
    return AGAINST.get(code) or f"Against {formatting.month(code)}"


def _plans_and_intervals(known: Facts) -> tuple[list[str], list[str]]:
    """Two sets of pills under one button."""
    plans, intervals = known.snapshot.kept("plans", (), lambda: _sold(known))
    bound = address.many("plan", plans), address.many("interval", intervals, formatting.interval)
    named = [*st.session_state["plan"], *map(formatting.interval, st.session_state["interval"])]
    with st.popover(_named("All plans", named), key="plan_popover"):
        chosen = _pills("Plan", plans, str, bound[0], "All plans")
        return chosen, _pills("Interval", intervals, formatting.interval, bound[1], "All intervals")


def _sold(known: Facts) -> tuple[list[str], list[str]]:
    """The plans and intervals that ever had a balance, in order."""
    intervals = {str(code) for code in known.month_end["interval"]}
    plans = catalogue.order(known.products, set(known.month_end["product_id"]))
    return plans, sorted(intervals, key=_length)


def _people(known: Facts) -> dict[str, list[str]]:
    """The attributes of customers that there are to choose from, under one button."""
    options = known.snapshot.kept("people", (), lambda: audiences.options(known.audiences))
    if not options:
        return {}
    bound = {name: address.many(name, values) for name, values in options.items()}
    named = [value for name in options for value in st.session_state[name]]
    with st.popover(_named("All customers", named), key="customer_popover"):
        return {
            name: _pills(audiences.ATTRIBUTES[name], values, str, bound[name], "All")
            for name, values in options.items()
        }


def _pills(
    label: str, options: Sequence[str], told: Callable[[str], str], bound: Mapping[str, Any], everything: str
) -> list[str]:
    """Pills for a few options, a list that can be searched for many; both choose any number."""
    told_help = f"Nothing chosen means: {everything.lower()}."
    if len(options) > MOST_PILLS:
        return list(st.multiselect(label, options, format_func=told, help=told_help, **bound))
    return list(st.pills(label, options, selection_mode="multi", format_func=told, help=told_help, **bound))


MOST_PILLS = 16


def _named(everything: str, names: Sequence[str]) -> str:
    """What a button says of its choices: "All plans", "Business", "Business +2"."""
    if not names:
        return everything
    return formatting.markdown(names[0] if len(names) == 1 else f"{names[0]} +{len(names) - 1}")


def _say(known: Facts, selection: Selection) -> None:
    """A quiet word on what was asked for in vain, and on what no rate converts."""
    if vain := address.ignored():
        names = ", ".join(f"“{each}”" for each in vain[:3])
        st.caption(formatting.markdown(f"Left out of the address, since nothing here is called so: {names}."))
    if selection.converted:
        told = conversion.told(figures(known.snapshot, selection).left_out, known.current)
        st.caption(formatting.markdown(f"All currencies in {selection.currency.upper()}. {told}"))


def _length(interval: str) -> tuple[int, str]:
    digits = "".join(filter(str.isdigit, interval))
    return int(digits or 1) * LENGTHS.get(interval.removeprefix(digits), 0), interval


def months_back(month: str, number: int) -> str:
    """The month so many months before one."""
    return clock.months_before(month, number)


def months_ahead(first: str, number: int) -> list[str]:
    """A month and those after it, so that many and one more: a year ahead ends in the same month."""
    months = [first]
    for _ in range(number):
        months.append(clock.next_month(months[-1]))
    return months


def _clear() -> None:
    address.write(**dict.fromkeys(("plan", "interval", *audiences.ATTRIBUTES), ""))
