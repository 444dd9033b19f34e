"""Add-ons being set up: counted, and told in words."""

from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import pytest

from dashboard.addons import uptime
from dashboard.metrics import addon_setups as setups
from data import catalog
from tests.addons import NOW

NAMES = {"sso": "Single sign-on"}


def rows(*given: dict[str, Any]) -> pd.DataFrame:
    usual = {"name": "Acme", "customer_id": "cus_1", "addon": "sso", "state": "waiting", "since": NOW}
    usual |= {"hostname": None, "settings": {}, "checks": {}}
    frame = pd.DataFrame([usual | each for each in given], columns=list(usual))
    return frame.astype({"state": "string", "name": "string"})


def until(end: datetime) -> dict[str, Any]:
    return {"protocol": "saml", "metadata": {"certificates": [{"not_after": end.isoformat()}]}}


def test_how_many_stand_where() -> None:
    failed = {"routing": {"ok": False, "told": "It leads elsewhere."}}
    given = setups.told(
        rows(
            *({"state": state} for state in ("requested", "waiting", "tested", "disabled")),
            {"state": "active", "checks": failed},
            {"state": "enforced", "settings": until(NOW + timedelta(days=5))},
            {"state": "active"},
        ),
        NAMES,
        NOW,
    )
    counts = (setups.being_set_up, setups.waiting, setups.live, setups.attention)
    assert [count(given) for count in counts] == [3, 1, 3, 2]
    assert given["wrong"].iloc[4] == "It leads elsewhere."


def test_nothing_is_set_up() -> None:
    assert setups.attention(setups.told(rows(), NAMES, NOW)) == 0


@pytest.mark.parametrize(
    ("left", "told"),
    [
        (timedelta(days=60, seconds=1), None),
        (timedelta(days=60), "ends in 60 days"),
        (timedelta(days=6), "ends in 6 days"),
        (timedelta(hours=3), "ends in 0 days"),
        (timedelta(0), "expired"),
    ],
)
def test_a_certificate_is_warned_of(left: timedelta, told: str | None) -> None:
    found = setups.certificates_told(until(NOW + left), NOW)
    assert (told in found[0]) if told else (found == [])


def test_an_unknown_name_is_its_id_and_an_add_on_of_no_catalogue_its_key() -> None:
    told = setups.told(rows({"name": None, "addon": "gone"}), NAMES, NOW)
    assert (told["customer"].iloc[0], told["addon_name"].iloc[0]) == ("cus_1", "gone")


def test_months_say_what_is_not_known_not_over_or_too_late() -> None:
    tier = next(tier for addon in catalog.load().addon for tier in addon.tiers)
    months = list(uptime.months(tier, "2026-08", {"2026-08": 60, "2026-10": 60}, 100_000, NOW))
    table = setups.promise_months(months, NOW)
    assert table["note"].tolist() == [
        "Not over: nothing is final",
        "",
        "Not known: no downtime entered",
        "The time to claim is over",
    ]
    assert table["credit"].tolist() == [pd.NA, 10_000, pd.NA, 10_000]
