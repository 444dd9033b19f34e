"""The filters above a page. They live in the URL, so a view can be shared; nonsense there is ignored."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from dashboard import formatting
from dashboard.cache import Snapshot, reporting_currency
from dashboard.metrics import plans as catalogue
from dashboard.metrics.selection import Selection
from data import clock

PERIODS = {"Last 6 months": 6, "Last 12 months": 12, "Last 24 months": 24, "All time": 0}
DEFAULT_PERIOD = "Last 12 months"
KEYS = ("period", "plan", "interval", "currency", "against", "window", "measure")
LENGTHS = {"day": 1, "week": 7, "month": 30, "year": 365}


@dataclass(frozen=True)
class Facts:
    """What there is to filter by: the frames that pages of plans and months share, and the current month."""

    month_end: pd.DataFrame
    products: pd.DataFrame
    current: str
    currencies: list[str]

    @property
    def months(self) -> list[str]:
        """Every month from the first with a balance to the current one."""
        first = min(self.month_end["month"], default=self.current)
        return clock.months_between(str(first), self.current) or [self.current]


def keep() -> None:
    """Carry the filters from page to page, also those that came by link: Streamlit drops what a page left."""
    for key in KEYS:
        if key in st.session_state:
            st.session_state[key] = st.session_state[key]


def facts(snapshot: Snapshot) -> Facts:
    """The facts of a snapshot; currencies with the reporting currency first, then by subscribers."""
    holdings = snapshot.frame("month_end_subscribers")
    month_end = snapshot.frame("month_end")
    counted = (
        holdings.loc[holdings["month"] == holdings["month"].max()].groupby("currency")["subscribers"].sum()
    )
    ranked = [str(code) for code in counted.sort_values(ascending=False, kind="stable").index]
    ranked += sorted({str(code) for code in month_end["currency"]} - set(ranked))
    ranked.sort(key=lambda code: code != reporting_currency())
    return Facts(month_end, snapshot.frame("products"), clock.month_of(snapshot.now), ranked)


def bar(known: Facts, *, period: bool = True, against: bool = False) -> tuple[Selection, str]:
    """Draw the filters in a row that wraps; the selection, and the month to compare with or ""."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        months = _months(known) if period else tuple(known.months)
        plans = _chips("Plan", "plans", "plan", _plans(known), str)
        intervals = _chips("Interval", "intervals", "interval", _intervals(known), formatting.interval)
        currency = _currency(known)
        compared = _against(known) if against else ""
        if plans or intervals:
            st.button(
                "Clear", key="clear", type="tertiary", on_click=_clear, help="Show all plans and intervals"
            )
    products = catalogue.products_of(known.products, plans) if plans else None
    return Selection(currency, months, products, frozenset(intervals) if intervals else None), compared


def period(known: Facts) -> tuple[str, ...]:
    """Draw the filter of pages that are about no plan and all currencies; the months."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        return _months(known)


def months_and_currency(known: Facts) -> Selection:
    """Draw the two filters of pages that are about no plan; the selection."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        months = _months(known)
        return Selection(_currency(known), months)


def _months(known: Facts) -> tuple[str, ...]:
    label = st.selectbox(
        "Period",
        list(PERIODS),
        index=list(PERIODS).index(DEFAULT_PERIOD),
        key="period",
        bind="query-params",
        label_visibility="collapsed",
        filter_mode=None,
        width=160,
    )
    return tuple(known.months[-PERIODS[label or DEFAULT_PERIOD] :])


def _currency(known: Facts) -> str:
    options = known.currencies or [reporting_currency()]
    chosen = st.selectbox(
        "Currency",
        options,
        format_func=str.upper,
        key="currency",
        bind="query-params",
        label_visibility="collapsed",
        filter_mode=None,
        width=92,
    )
    return chosen or options[0]


def _against(known: Facts) -> str:
    earlier = known.months[:-1][::-1]
    if not earlier:
        return ""
    chosen = st.selectbox(
        "Compare with",
        earlier,
        index=min(11, len(earlier) - 1),
        format_func=lambda code: f"Against {formatting.month(code)}",
        key="against",
        bind="query-params",
        label_visibility="collapsed",
        filter_mode=None,
        width=180,
    )
    return chosen or earlier[0]


def _plans(known: Facts) -> list[str]:
    return catalogue.order(known.products, set(known.month_end["product_id"]))


def _intervals(known: Facts) -> list[str]:
    return sorted({str(code) for code in known.month_end["interval"]}, key=_length)


def _length(interval: str) -> tuple[int, str]:
    digits = "".join(filter(str.isdigit, interval))
    return int(digits or 1) * LENGTHS.get(interval.removeprefix(digits), 0), interval


def _chips(label: str, many: str, key: str, options: Sequence[str], told: Callable[[str], str]) -> list[str]:
    """A button that names what is chosen and opens the choices; nothing chosen is everything."""
    given = st.session_state.get(key)
    if given is None:  # the first run of a link: the choices are still in the URL only
        given = [option for option in options if told(option) in st.query_params.get_all(key)]
    names = [told(option) for option in options if option in given]
    title = f"All {many}" if not names else names[0] if len(names) == 1 else f"{names[0]} +{len(names) - 1}"
    with st.popover(title, key=f"{key}_popover"):
        chosen = st.pills(
            label,
            options,
            selection_mode="multi",
            format_func=told,
            key=key,
            bind="query-params",
            help=f"Nothing chosen means all {many}.",
        )
    return list(chosen or [])


def months_ahead(first: str, number: int) -> list[str]:
    """A month and those after it, so that many and one more: a year ahead ends in the same month."""
    months = [first]
    for _ in range(number):
        months.append(clock.next_month(months[-1]))
    return months


def _clear() -> None:
    for key in ("plan", "interval"):
        st.session_state[key] = []
