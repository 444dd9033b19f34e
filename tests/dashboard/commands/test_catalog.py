"""The catalogue's command: it shows, asks, does, and does nothing twice."""

from pathlib import Path

from data.sandbox.store import Store
from tests.dashboard.commands.processes import dashboard
from tests.sandbox_server import API_KEY, running

SOLD = """
[[plan]]
key = "team"
name = "Team"
rank = 1
self_serve = true
capacity_unit = "seat"
list_prices = [{ currency = "usd", interval = "month", amount = 1000 }]
"""


def test_it_asks_does_and_then_has_nothing_to_do(tmp_path: Path) -> None:
    file = tmp_path / "sold.toml"
    file.write_text(SOLD)
    store = Store(None)
    with running(store, API_KEY) as url:
        named = {"STRIPE_API_KEY": API_KEY, "STRIPE_API_BASE": url, "CATALOG_FILE": str(file)}
        asked = dashboard(["catalog", "push"], tmp_path, **named)
        assert asked.returncode == 1  # nobody answered
        assert "Team, $10.00 monthly" in asked.stdout
        assert "2 to create" in asked.stdout
        assert list(store.all("products")) == []
        done = dashboard(["catalog", "push", "--yes"], tmp_path, **named)
        assert (done.returncode, "Done" in done.stderr) == (0, True)
        again = dashboard(["catalog", "push", "--yes"], tmp_path, **named)
        assert (again.returncode, "nothing to do" in again.stderr) == (0, True)
        assert len(list(store.all("prices"))) == 1
    store.close()


def test_a_catalogue_that_says_two_things_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "sold.toml"
    price = '{ currency = "usd", interval = "month", amount = 1000 }'
    file.write_text(SOLD.replace(price, f"{price}, {price}"))
    done = dashboard(["catalog", "push"], tmp_path, CATALOG_FILE=str(file))
    assert done.returncode == 3
    assert "team has two list prices in usd for 1 month" in done.stderr
    assert "Traceback" not in done.stderr
