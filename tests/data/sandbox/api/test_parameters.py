"""Whatever a query says, the sandbox understands it or refuses it in Stripe's way."""

from urllib.parse import urlencode

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.sandbox.api.errors import StripeError
from data.sandbox.api.lists import PAGING, list_page
from data.sandbox.api.parameters import parsed
from data.sandbox.api.resources import RESOURCES, Resource
from data.sandbox.store import Store
from tests.data.sandbox.factories import customer, discount, invoice, subscription

NESTINGS = ("", "[]", "[0]", "[gte]", "[a][b]", "[][]", "[", "]", "[interval]", "[enabled]")
VALUES = (
    "",
    "1",
    "-1",
    "true",
    "data.customer",
    "data",
    "data..x",
    "discounts",
    "all",
    "invoice.*",
    "cus_1",
    "9" * 30,
)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", {}),
        ("a=1&b=", {"a": "1", "b": ""}),
        ("created[gte]=5&created[lt]=9", {"created": {"gte": "5", "lt": "9"}}),
        ("expand[]=x&expand[]=y", {"expand": ["x", "y"]}),
        ("expand[1]=y&expand[0]=x", {"expand": ["x", "y"]}),
        ("items[0][price]=p&items[0][quantity]=2", {"items": [{"price": "p", "quantity": "2"}]}),
        ("metadata%5Bkey%5D=%C3%A9+e", {"metadata": {"key": "é e"}}),
    ],
)
def test_nested_names(query: str, said: dict[str, object]) -> None:
    assert parsed(query) == said


def filled() -> Store:
    """A store with some of everything that refers to something."""
    store = Store()
    store.put("customers", customer("cus_1"))
    store.put("subscriptions", subscription("sub_1", discounts=[discount("di_1")]))
    store.put("invoices", invoice("in_1"))
    store.emit("invoice.paid", invoice("in_1"))
    return store


@settings(deadline=None)
@given(data=st.data())
def test_any_query_is_answered_or_refused(data: st.DataObject) -> None:
    resource = RESOURCES[
        data.draw(st.sampled_from(["customers", "subscriptions", "invoices", "prices", "events"]))
    ]
    names = st.sampled_from([*resource.filters, *PAGING, "unknown"])
    nested = st.builds(str.__add__, names, st.sampled_from(NESTINGS))
    values = st.sampled_from(VALUES) | st.text(max_size=5)
    query = urlencode(data.draw(st.lists(st.tuples(nested, values), max_size=4)), errors="replace")
    assert outcome(resource, query) in ("list", 400)


def outcome(resource: Resource, query: str) -> str | int:
    """What kind of object comes back, or the status of Stripe's error."""
    store = filled()
    try:
        return str(orjson.loads(list_page(store, resource, parsed(query)))["object"])
    except StripeError as error:
        return error.status
    finally:
        store.close()
