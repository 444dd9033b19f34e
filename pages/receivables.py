"""Receivables: what is owed, by whom and since when, what was promised, and what payments failed."""

import pandas as pd
import streamlit as st

from dashboard import as_of, dialogs, explaining, filters, formatting, kpis, navigation, states, widgets
from dashboard.charts import receivables as charts
from dashboard.columns import Column
from dashboard.figures import figures
from dashboard.grids import grid
from dashboard.metrics import receivables, recognition
from dashboard.receivables import forms as receivable_forms
from dashboard.receivables import kpis as receivable_kpis
from dashboard.receivables.figures import Owing
from dashboard.store import once

AGES = (
    Column("label", "Age"),
    Column("open", "Open", "amount"),
    Column("share", "Of all", "share"),
    Column("invoices", "Invoices", "count"),
    Column("customers", "Customers", "count"),
)
MONTHS = (
    Column("month", "Month", "month"),
    *(Column(name, label, "amount") for name, label in receivables.AGES.items()),
    Column("open", "Open", "amount"),
)
CUSTOMERS = (
    Column("customer", "Customer"),
    Column("chosen", "Owed", "amount", help="Of the age chosen above."),
    Column("days", "Days overdue", "count", help="Of the invoice that is longest due."),
    Column("open", "Open in all", "amount"),
    *(Column(name, label, "amount") for name, label in receivables.AGES.items()),
    Column("account_manager", "Account manager"),
    Column("customer_email", "E-mail"),
)
INVOICES = (
    Column("number", "Invoice"),
    Column("customer", "Customer"),
    Column("open", "Open", "amount"),
    Column("falls_due_at", "Due", "day"),
    Column("days", "Days overdue", "count"),
    Column("standing", "Noted"),
    Column("note_text", "Note", "long"),
    Column("account_manager", "Account manager"),
)
FAILING = (
    Column("number", "Invoice"),
    Column("customer", "Customer"),
    Column("open", "Open", "amount"),
    Column("attempt_count", "Tries", "count"),
    Column("next_payment_attempt", "Next try", "day"),
    Column("reason", "Why it failed"),
    Column("account_manager", "Account manager"),
)
RECOVERY = (
    Column("month", "Month", "month"),
    Column("failed", "Failed at first", "amount"),
    *(Column(name, label, "amount") for name, label in receivables.OUTCOMES.items()),
    Column("rate", "Recovered", "share", help=receivables.recovery_rate.formula),
    Column("invoices", "Invoices", "count"),
)
DEFERRED = (
    Column("month", "Month", "month"),
    Column("revenue", "Recognised", "amount", help=recognition.deferred.formula),
    Column("deferred", "Left at its end", "amount"),
)
BELOW = {"failed": "Failed payments", "deferred": "Deferred revenue"}
snapshot = widgets.begin("receivables", "Who owes us, since when, and what is coming?")
known = filters.facts(snapshot)
selection, _ = filters.bar(known, plan=False)
at = as_of.day_end(snapshot.now, known.months[0])
owing = Owing(figures(snapshot, selection), at)
currency, key = owing.currency, owing.key
owed = owing.owed()
over_time = owing.over_time()
ages = snapshot.kept("ages", key, lambda: receivables.by_age(owed))


def key_figures() -> None:
    """What is open and overdue, against the end of the month before, and how long it takes to be paid."""
    earlier = owing.before()
    now, before = owing.now_and_before(owing.months)
    whole = over_time.loc[over_time["month"] < owing.month]

    def amount(metric: kpis.Declared, column: str) -> kpis.Kpi:
        of_ages = receivables.SUMS[column]
        return receivable_kpis.amount(
            metric, int(now[column]), int(before[column]), currency, list(whole[column]),
            lambda: owing.explained(metric, of_ages),
        )  # fmt: skip

    waited = (
        receivables.dso(int(sums["open"]), each.invoiced())
        for each, sums in ((owing, now), (earlier, before))
    )
    kpis.row(
        [
            amount(receivables.open_amount, "open"),
            amount(receivables.overdue, "overdue"),
            amount(receivables.long_overdue, "long_overdue").named("Over 60 days"),
            kpis.count(
                receivables.customers_overdue,
                once(receivables.customers_overdue, owed),
                before=earlier.overdue_customers(),
                rise="inverse",
                explain=owing.explained_customers,
            ),
            receivable_kpis.days(receivables.dso, *waited, owing.explained_dso).named("DSO"),
        ],
        f"{_when()} in {currency.upper()}, with the change since the end of "
        f"{formatting.day(earlier.at - as_of.DAY)}. DSO is {receivables.dso.formula[:1].lower()}"
        f"{receivables.dso.formula[1:].partition('. ')[0]}.",
        asked=kpis.Asked(snapshot, selection, owing.month),
    )


def _when() -> str:
    return "Now," if at == snapshot.now else f"At the end of {formatting.day(at - as_of.DAY)},"


def by_age() -> str | None:
    """The main chart: what is open by age; an age that was picked in it."""
    note = "Net of credit notes. Select a column to see who owes it."
    with widgets.card("Open by age", note) as alt:
        if owed.empty:
            st.markdown("Nothing is open.")
            return None
        figure = snapshot.kept("ages chart", key, lambda: charts.by_age(ages, currency))
        place = widgets.chart(figure, ages, AGES, currency, "receivables_by_age", alt=alt, select=True)
    return None if place is None else str(ages["age"].iloc[place])


def by_month() -> None:
    """How it came to this."""
    with widgets.card("Open at the end of each month", "The same ages, as they were then.") as alt:
        figure = snapshot.kept(
            "owed chart", key, lambda: charts.over_time(over_time, currency, owing.months, owing.partial)
        )
        widgets.chart(
            figure, over_time, MONTHS, currency, "receivables_by_month", alt=alt, partial=owing.partial
        )


def customers(picked: str | None) -> None:
    """Who owes, the largest amount of the chosen age first, and their invoices."""
    title = "Who owes"
    with widgets.card(
        title, "The largest amount of the chosen age first. Select a customer for the invoices."
    ):
        chosen = filters.choice("Overdue", list(receivables.CHOICES), "overdue")
        of_ages = receivables.CHOICES[chosen] if picked is None else (picked,)
        if picked is not None:
            st.markdown(f"Only **{receivables.AGES[picked].lower()}**, as selected in the chart.")
        rows = snapshot.kept("who owes", (*key, of_ages), lambda: receivables.by_customer(owed, at, of_ages))
        if rows.empty:
            st.markdown("Nobody owes anything of this age.")
            return
        told = widgets.people(rows, "customer_name")
        total = formatting.amount(int(rows["chosen"].sum()), currency)
        st.caption(f"{formatting.plural(len(rows), 'customer')}, {formatting.markdown(total)} in all.")
        place = grid(told, CUSTOMERS, currency, "receivables_customers", select=True)
    invoices(of_ages, None if place is None else told.iloc[place])


def invoices(of_ages: tuple[str, ...], customer: "pd.Series[str] | None") -> None:
    """The open invoices of the chosen age, of one customer or of all; a note can be written on one."""
    rows = owing.invoices(of_ages, None if customer is None else str(customer["customer_id"]))
    whose = "all of these customers" if customer is None else str(customer["customer"])
    with widgets.card(
        f"Open invoices of {whose}", "The longest due first. Select one for notes and its page."
    ):
        told = widgets.people(rows, "customer_name")
        if customer is not None and st.button(
            "Open the customer", key="open_customer", icon=":material/person:"
        ):
            navigation.open_customer(str(customer["customer_id"]))
        shape = tuple(
            each for each in INVOICES if each.name != "note_text" or told["note_text"].notna().any()
        )
        place = grid(told, shape, currency, "receivables_invoices", select=True)
        if place is not None:
            one(told.iloc[place])


def one(row: "pd.Series[str]") -> None:
    """An invoice of the list: a way to its page, what was noted, and a form for another note."""
    invoice_id, number = str(row["invoice_id"]), str(row["number"])
    st.markdown(f"**Invoice {formatting.markdown(number)}** of {formatting.markdown(str(row['customer']))}")
    if st.button("Open the invoice", key="open_invoice", icon=":material/receipt_long:"):
        navigation.open_invoice(invoice_id)
    receivable_forms.beside(snapshot, invoice_id, str(row["currency"]), is_open=row["status"] == "open")


def failing() -> None:
    """Payments that are tried again, with the reason of the last failure."""
    rows = owing.failing()
    total = formatting.amount(int(rows["open"].sum()), currency)
    note = f"{formatting.plural(len(rows), 'open invoice')}, {total}, whose payment failed. As of now."
    with widgets.card("Failed payments", note):
        if rows.empty:
            st.markdown("No payment is failing.")
            return
        place = grid(
            widgets.people(rows, "customer_name"), FAILING, currency, "receivables_failing", select=True
        )
    if place is not None:
        navigation.open_invoice(str(rows["invoice_id"].iloc[place]))


def recovery() -> None:
    """What became of the payments that failed at first."""
    rows = owing.recovery()
    told = formatting.percent(once(receivables.recovery_rate, rows))
    note = f"Invoices by month, by what became of them: {told} of the amount recovered so far."
    with widgets.card("What was recovered", note) as alt:
        if rows.empty:
            st.markdown("No payment failed in this period.")
            return
        table = snapshot.kept("recovery", key, lambda: receivables.recovery(rows))
        figure = snapshot.kept("recovery chart", key, lambda: charts.recovery(table, currency, known.current))
        widgets.chart(
            figure, table, RECOVERY, currency, "receivables_recovery", alt=alt, partial=known.current
        )


def deferred() -> None:
    """What was invoiced for service that is still to come, by the month in which it will be rendered."""
    frame = owing.deferred()
    told = formatting.amount(int(frame["revenue"].sum()), currency)
    note = (
        f"{told} was invoiced for service from {formatting.day(at)} on, by day, less discounts and tax. "
        "A credit note takes the same share off each line of its invoice."
    )
    with widgets.card("Deferred revenue", note) as alt:
        if frame.empty:
            st.markdown("All that was invoiced is rendered.")
            return
        asked = kpis.Asked(snapshot, selection, owing.month, _when().rstrip(","))
        explaining.button("Deferred revenue", owing.explained_deferred, asked)
        figure = snapshot.kept("deferred chart", key, lambda: charts.deferred(frame, currency))
        widgets.chart(figure, frame, DEFERRED, currency, "receivables_deferred", alt=alt)


dialogs.say_what_was_done()
key_figures()
nothing = owed.empty and not over_time["open"].any()
if nothing:
    states.empty("Nothing is owed in this currency, and nothing was in this period.")
else:
    left, right = st.columns(2)
    with left:
        picked = by_age()
    with right:
        by_month()
    customers(picked)
below = filters.choice("Below", BELOW, "below")
if below == "deferred":
    deferred()
else:
    failing()
    recovery()
