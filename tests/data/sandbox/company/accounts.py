"""Small sandbox accounts and a look into the company's database that was made for them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import text

from data.database import open_engine
from data.sandbox.factory.catalog import price, product
from data.sandbox.factory.customers import customer
from data.sandbox.factory.subscriptions import listed, subscription, subscription_item
from data.sandbox.store import Store

NOW = 1_795_302_000
YEAR = 365 * 86_400
PLANS = ("Free", "Professional", "Business", "Enterprise", "Onboarding")


@contextmanager
def account(customers: int) -> Iterator[Store]:
    """So many customers, each with a subscription to one of the plans in turn; every seventh is canceled."""
    store = Store()
    store.set_now(NOW)
    with store.transaction():
        for name in PLANS:
            store.put("products", product(f"prod_{name}", NOW - YEAR, name))
        for number in range(customers):
            subscribe(
                store, f"cus_{number}", PLANS[1 + number % 3], quantity=1 + number % 9, ended=number % 7 == 6
            )
    yield store
    store.close()


def subscribe(store: Store, owner: str, plan: str, *, quantity: int = 1, ended: bool = False) -> None:
    """A customer with one subscription to a plan, perhaps ended a month ago."""
    since = NOW - YEAR
    if store.get("customers", owner) is None:
        store.put("customers", customer(owner, since, name=f"Company {owner}"))
    number = store.count("subscriptions")
    obj = subscription(f"sub_{number}", since, owner, "usd", status="canceled" if ended else "active")
    obj["ended_at"] = NOW - 30 * 86_400 if ended else None
    price_object = price(f"price_{plan}", since, f"prod_{plan}", "usd", 1_000)
    item = subscription_item(f"si_{number}", since, obj["id"], price_object, quantity, (since, NOW))
    obj["items"] = listed([item], "/v1/subscription_items")
    store.put("subscriptions", obj)


def rows(url: str, sql: str) -> list[dict[str, Any]]:
    """What a SELECT on the company's database gives."""
    engine = open_engine(url, read_only=True)
    try:
        with engine.connect() as connection:
            return [dict(row) for row in connection.execute(text(sql)).mappings()]
    finally:
        engine.dispose()
