"""What is behind a figure, in a dialog: the rows in it, the rows left out and why, adding up."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import pandas as pd
import streamlit as st

from dashboard import formatting, navigation
from dashboard.cache import Snapshot
from dashboard.columns import Column
from dashboard.figures import figures
from dashboard.grids import grid
from dashboard.metrics import explain as explained
from dashboard.metrics import one_currency, plans
from dashboard.metrics.explain import EXPLAINED, Explanation
from dashboard.metrics.rates.rate import Rate
from dashboard.metrics.selection import Selection
from dashboard.metrics.text import known

ROWS = Column("rows", "Rows", "count", help="Above 1: so many rows that are too small to be named, summed.")
REASON = Column("reason", "Left out because", "long")
SHAPE = (
    Column("customer", "Customer"),
    REASON,
    Column("number", "Invoice"),
    Column("day", "Day", "day"),
    Column("falls_due_at", "Due", "day"),
    Column("kind", "Movement", "word"),
    Column("plan", "Plan"),
    Column("interval", "Interval", "interval"),
    Column("currency", "Currency", "code"),
    Column("part", "Of", "text"),
    Column("open", "Open", "own"),
    Column("invoiced", "Invoiced", "own"),
    Column("amount", "Amount", "own"),
    Column("expected", "Expected a year", "own"),
    Column("arr", "MRR", "own_monthly"),
    Column("delta_arr", "MRR", "own_monthly"),
    Column("arr_start", "MRR at start", "own_monthly"),
    Column("arr_kept", "MRR kept", "own_monthly"),
    Column("arr_end", "MRR at end", "own_monthly"),
    Column("lost", "Lost", "count"),
    Column("customers_first", "Customers at first", "count"),
    Column("customers_after", "After 12 months", "count"),
    Column("worth", "Would be worth", "own_monthly", help="By its price and quantity, before discounts."),
    ROWS,
)
TOLD = {"own": formatting.amount, "own_monthly": formatting.mrr}
AMOUNTS = tuple(column.name for column in SHAPE if column.kind in TOLD)


BY_YEAR = tuple(
    replace(column, label=column.label.replace("MRR", "ARR"), kind="own")
    if column.kind == "own_monthly"
    else column
    for column in SHAPE
)


def shape_of(made: Explanation) -> tuple[Column, ...]:
    """The columns in the unit of the figure: run rate by the year where it is ARR, else by the month."""
    is_yearly = made.definition.unit == "amount a year" or "ARR" in made.definition.name
    return BY_YEAR if is_yearly else SHAPE


@dataclass(frozen=True)
class Asked:
    """What a page's figures are of: the data, the selection, and the month they speak of.

    when says in words what else than one month they speak of.
    """

    snapshot: Snapshot
    selection: Selection
    month: str
    when: str = ""


def explanation(name: str, asked: Asked) -> Explanation:
    """One of EXPLAINED for a month of a selection, from the rows of its frame."""
    chosen = EXPLAINED[name]
    snapshot, selection = asked.snapshot, asked.selection
    given, named = chosen.arguments(asked.month, snapshot.now, selection)
    if selection.audiences is not None and snapshot.takes(chosen.frame, "audiences"):
        named["audiences"] = selection.audiences
    rows = snapshot.frame(chosen.frame, *given, **named)
    if selection.converted:
        amounts = [column for column in AMOUNTS if column in rows.columns]
        rows = one_currency.behind(rows, amounts, figures(snapshot, selection).rates, asked.month)
    return explained.explain(name, rows, selection)


def button(label: str, what: str | Callable[[], Explanation], asked: Asked) -> None:
    """A button that opens the dialog of a figure."""
    if st.button("Explain", key=f"explain_{label}", type="tertiary", icon=":material/calculate:"):
        _dialog(label, what, asked)


def _dialog(label: str, what: str | Callable[[], Explanation], asked: Asked) -> None:
    @st.dialog(f"What makes up {formatting.markdown(label)}", width="large")
    def opened() -> None:
        made = explanation(what, asked) if isinstance(what, str) else what()
        _draw(made, asked)

    opened()


def _draw(made: Explanation, asked: Asked) -> None:
    """The figure, how its rows add up to it, its rows, and those left out by reason and by name."""
    told = figure_told(made, asked.selection.currency)
    when = asked.when or formatting.month(asked.month)
    st.markdown(formatting.markdown(f"{when}: {told}") + "  \n" + _sums(made, asked))
    st.caption(formatting.markdown(made.definition.formula))
    within, without, why = st.tabs(["Included", "Left out", "Left out, by reason"])
    with within:
        _rows(made.included, shape_of(made), asked, "explain_included")
    with without:
        _rows(made.excluded, shape_of(made), asked, "explain_excluded")
    with why:
        if made.excluded.empty:
            st.markdown("Nothing is left out.")
        else:
            grid(*_reasons(made), asked.selection.currency, "explain_reasons")


def figure_told(made: Explanation, currency: str) -> str:
    """The figure in its unit; a rate that is not defined says why."""
    figure, unit = made.figure, made.definition.unit
    if isinstance(figure, int):
        if unit.startswith("amount"):
            return (
                formatting.mrr(figure, currency)
                if unit == "amount a month"
                else formatting.amount(figure, currency)
            )
        return formatting.count(figure)
    if figure.reason is not None:
        return f"not defined, since {figure.reason}"
    if unit.startswith("amount"):
        return formatting.amount(round(figure.value or 0), currency)
    if unit == "days":
        return f"{figure.number:.1f} days"
    return formatting.percent(figure.value) if unit == "share" else f"{figure.number:.2f}"


def _sums(made: Explanation, asked: Asked) -> str:
    """How many rows there are, and what each of their amounts comes to."""
    rows = int(made.included["rows"].sum()) if len(made.included) else 0
    out = int(made.excluded["rows"].sum()) if len(made.excluded) else 0
    amounts = _amounts(made, asked.selection.currency) if rows else []
    told = f"{formatting.plural(rows, 'row')} included"
    told += f", which add up to {', '.join(amounts)}" if amounts else ""
    return formatting.markdown(f"{told}. {formatting.plural(out, 'row')} left out.")


def _amounts(made: Explanation, currency: str) -> list[str]:
    """Each amount of the rows in it: a rate's by kind of movement, that of a year by the year."""
    rows = made.included
    if isinstance(made.figure, Rate) and "kind" in rows.columns:
        sums = rows.groupby("kind", sort=False)["delta_arr"].sum()
        sums = sums.sort_index(key=lambda kinds: kinds != explained.START, kind="stable")
        return [
            f"{formatting.word(str(kind))} {formatting.mrr(int(sum_), currency)}"
            for kind, sum_ in sums.items()
        ]
    found = [
        f"{column.label} {TOLD[column.kind](int(rows[column.name].sum()), currency)}"
        for column in shape_of(made)
        if column.name in AMOUNTS and column.name in rows.columns
        if rows[column.name].notna().any()
    ]
    return [*found, f"Lost {formatting.count(int(rows['lost'].sum()))}"] if "lost" in rows.columns else found


def _reasons(made: Explanation) -> tuple[pd.DataFrame, list[Column]]:
    """How many rows are left out for each reason, and their amounts where known, the most first."""
    amounts = [name for name in AMOUNTS if name in made.excluded.columns]
    by = [name for name in ("reason", "currency") if name in made.excluded.columns]
    sums = made.excluded.groupby(by, as_index=False)[["rows", *amounts]].sum()
    shape = [column for column in shape_of(made) if column.name in (*by, "rows", *amounts)]
    return sums.sort_values(["rows", "reason"], ascending=[False, True], ignore_index=True), shape


def _rows(rows: pd.DataFrame, columns: Sequence[Column], asked: Asked, key: str) -> None:
    """Rows of the frame behind a figure by name; selecting one opens its customer."""
    if rows.empty:
        st.markdown("No rows.")
        return
    told = _named(rows, asked)
    dull = {"rows"} if bool((told["rows"] == 1).all()) else set()
    dull |= {"currency"} if "currency" in told.columns and told["currency"].nunique() == 1 else set()
    dull |= {"worth"} if "worth" in told.columns and bool(told["worth"].isna().all()) else set()
    shape = [column for column in columns if column.name in told.columns and column.name not in dull]
    place = grid(told, shape, asked.selection.currency, key, select=True)
    if place is not None and known(told["customer_id"].iloc[place]):
        navigation.open_customer(str(told["customer_id"].iloc[place]))


def _named(rows: pd.DataFrame, asked: Asked) -> pd.DataFrame:
    """The rows with customer, a name or what stands for many, and with their plans."""
    many = [formatting.plural(int(number), "smaller row") for number in rows["rows"]]
    names = zip(rows["customer_name"], rows["customer_id"], many, strict=True)
    rows = rows.assign(customer=[known(name) or known(code) or more for name, code, more in names])
    if "product_id" in rows.columns:
        rows = plans.with_plan(rows, asked.snapshot.frame("products"))
    return rows
