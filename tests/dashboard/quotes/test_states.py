"""The states of a quote: each has a name, each move a permission that somebody has."""

from dashboard.access import PERMISSIONS
from dashboard.quotes.pricing import price
from dashboard.quotes.reading import read
from dashboard.quotes.sealing import figures, seal
from dashboard.quotes.states import FINAL, MAY, STATES, onward
from data.catalog import load
from data.clock import now
from data.quotes.states import FOLLOWS

SOLD = load()


def test_every_move_has_a_permission_that_somebody_has() -> None:
    assert set(STATES) == set(FOLLOWS)
    assert set(MAY) == {(start, end) for start, ends in FOLLOWS.items() for end in ends}
    assert all(PERMISSIONS[permission] for permission in MAY.values())
    assert onward("sent", set(MAY.values())) == FOLLOWS["sent"]
    assert onward("waiting", {"edit quotes"}) == ("draft", "withdrawn")
    assert set(FINAL) == {"accepted", "declined", "expired", "withdrawn", "superseded"}


def test_a_seal_breaks_with_a_field_or_with_a_list_price() -> None:
    fields = {"prospect": "Initech", "plan": "enterprise", "capacity": 250, "currency": "usd", "term": 12}
    fields |= {"interval": "1year", "start": "acceptance", "collection": "charge_automatically"}
    quote = read(fields, SOLD, now().date()).quote
    assert quote is not None
    dearer = SOLD.model_copy(update={"plan": SOLD.plan[::-1]})
    found = price(quote, SOLD)
    assert seal(fields, found) == seal({**fields, "notes_inside": ""}, price(quote, dearer))
    assert seal(fields, found) != seal({**fields, "notes_inside": "!"}, found)
    raised = [
        each.model_copy(update={"list_prices": tuple(
            listed.model_copy(update={"minimum": 10**9}) for listed in each.list_prices
        )})
        for each in SOLD.plan
    ]  # fmt: skip
    assert seal(fields, found) != seal(fields, price(quote, SOLD.model_copy(update={"plan": tuple(raised)})))
    assert (figures(found).total, figures(found).recurring_net, figures(found).term) == (
        found.total,
        found.total,
        12,
    )
