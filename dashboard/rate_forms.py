"""Forms that change the exchange rates: one typed in, many from a file, one taken out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd
import streamlit as st

from dashboard import dialogs, exchange, formatting, widgets
from dashboard.columns import Column
from dashboard.exchange import ExchangeRate
from dashboard.grids import grid
from dashboard.metrics import exchange as rating

RATES = (
    Column("date", "Date", "day"),
    Column("from", "From"),
    Column("to", "To"),
    Column("rate", "Rate"),
)
EFFECTS = (*RATES, Column("effect", "What it does"), Column("before", "Kept now"))
PROBLEMS = (
    Column("line", "Line", "count"),
    Column("column", "Column"),
    Column("problem", "What is wrong", "long"),
    Column("stands", "The line as it is"),
)
MOST_MEGABYTES = 5
KEPT_NOW = {
    rating.NEW: "No rate of that day is kept yet.",
    rating.REPLACES: "It replaces {}, the rate of that day.",
    rating.SAME: "It is kept already.",
}


@dataclass(frozen=True)
class Book:
    """What the forms need to say what a rate would do."""

    rates: pd.DataFrame
    month_end: pd.DataFrame
    months: list[str]
    to: str
    others: list[str]
    today: date


def one_rate(book: Book) -> None:
    """A rate typed in, with what it leads to beside it."""
    with widgets.card("Keep a rate", "A rate holds from its date until the next one of the same currencies."):
        fields, preview = st.columns(2, gap="large")
        with fields:
            rate, wrong = rating.drafted(_typed(book))
            place = st.container()
        with preview:
            before = _previewed(book, rate, wrong)
        idle = rate is None or before == KEPT_NOW[rating.SAME]
        if place.button("Keep rate", type="primary", disabled=idle, key="keep_rate") and rate:
            named = _named(rate)
            dialogs.confirm(
                "Keep this rate?",
                [f"{named}.", before, "Every converted figure follows."],
                "Keep rate",
                lambda: exchange.keep([rate]),
                f"Kept: {named}.",
            )


def _typed(book: Book) -> dict[str, str]:
    """The four fields, as texts."""
    first, second = st.columns(2)
    day = st.date_input("Date", value=book.today, key="rate_date", format="YYYY-MM-DD")
    with first:
        source = _currency("From", [*book.others, book.to], "rate_from", chosen=bool(book.others))
    with second:
        target = _currency("To", [book.to, *book.others], "rate_to")
    text = st.text_input(
        "Rate", key="rate_value", placeholder="1.0842", help="With a point, as exact as it is known."
    )
    return {"date": f"{day or ''}", "from": source, "to": target, "rate": text}


def _currency(label: str, options: list[str], key: str, *, chosen: bool = True) -> str:
    """One of the currencies of the data, or any other typed in; chosen: whether the first is proposed."""
    code = st.selectbox(
        label,
        options,
        index=0 if chosen else None,
        key=key,
        format_func=str.upper,
        accept_new_options=True,
        placeholder="Type a code, such as EUR",
    )
    return code or ""


def _previewed(book: Book, rate: ExchangeRate | None, wrong: Sequence[str]) -> str:
    """Draw what a rate would do; the sentence on what is kept now."""
    st.markdown("**What it does**")
    if rate is None:
        typed = st.session_state.get("rate_value")
        for sentence in wrong if typed else ["Type a rate to see what it does."]:
            st.markdown(formatting.markdown(sentence))
        return ""
    effect = rating.effects([rate], book.rates).iloc[0]
    told = KEPT_NOW[effect["effect"]].format(effect["before"])
    for sentence in (f"{_named(rate)}.", told, *_consequences(book, rate)):
        st.markdown(formatting.markdown(sentence))
    return told


def _consequences(book: Book, rate: ExchangeRate) -> Iterator[str]:
    """What becomes of the MRR of the rate's month, a sentence for each currency."""
    month = formatting.month(rating.month_for(rate, book.months))
    rows = rating.before_and_after(rate, book.rates, book.month_end, book.to, book.months)
    for currency, own, before, after in zip(*(rows[name].tolist() for name in rows), strict=True):
        was = "left out" if formatting.is_missing(before) else formatting.mrr(before, book.to)
        billed, becomes = formatting.mrr(own, currency), formatting.mrr(after, book.to)
        yield f"At the end of {month}, MRR of {billed} is {was} now and becomes {becomes}."


def _named(rate: ExchangeRate) -> str:
    pair = f"1 {rate.from_currency.upper()} = {rate.rate:f} {rate.to_currency.upper()}"
    return f"{pair} from {formatting.day(rate.date)}"


def a_file(book: Book) -> None:
    """Many rates from a file: all of them, or what is wrong, row by row."""
    with widgets.card(
        "Import a file", "CSV; its first line is date,from,to,rate. All of it is kept, or nothing."
    ):
        given = st.file_uploader(
            "CSV file",
            type="csv",
            key="rate_file",
            label_visibility="collapsed",
            max_upload_size=MOST_MEGABYTES,
        )
        if given is None:
            return
        found, wrong, text = exchange.read_file(given.getvalue())
        if wrong:
            st.markdown(f"**{formatting.plural(len(wrong), 'problem')}; nothing was kept.**")
            grid(rating.problems(wrong, text), PROBLEMS, book.to, "exchange_rates_problems")
            return
        _offered(book, found)


def _offered(book: Book, found: list[ExchangeRate]) -> None:
    """What a file would do, and the button that does it."""
    frame = rating.effects(found, book.rates)
    summary = rating.summary(frame)
    st.markdown(f"{summary}.")
    grid(with_codes(frame), EFFECTS, book.to, "exchange_rates_file")
    idle = bool((frame["effect"] == rating.SAME).all())
    verb = f"Keep {formatting.plural(len(found), 'rate')}"
    if st.button(verb, type="primary", key="keep_file", disabled=idle):
        dialogs.confirm(
            "Keep these rates?",
            [f"{summary}.", "Every converted figure follows."],
            verb,
            lambda: exchange.keep(found),
            f"Kept {formatting.plural(len(found), 'rate')}.",
        )


def with_codes(frame: pd.DataFrame) -> pd.DataFrame:
    """Rates as a table shows them: date, from and to in capitals, and what else there is."""
    codes = {name: frame[f"{name}_currency"].str.upper() for name in ("from", "to")}
    return frame.assign(date=pd.to_datetime(frame["date"]), **codes)


def deletion(row: "pd.Series[str]") -> None:
    """A button to take out a rate of the table."""
    texts = {name: str(row[f"{name}_currency"]) for name in ("from", "to")}
    rate, _ = rating.drafted(texts | {"date": f"{row['date']:%Y-%m-%d}", "rate": str(row["rate"])})
    if rate and st.button("Delete rate", key="delete_rate", icon=":material/delete:"):
        dialogs.confirm(
            "Delete this rate?",
            [f"{_named(rate)}.", "The rate before it holds again; without one, its currency is left out."],
            "Delete rate",
            lambda: exchange.remove(rate),
            f"Deleted: {_named(rate)}.",
        )
