"""Add-ons being set up: how many stand where, and the list in words."""

from datetime import datetime

import pandas as pd

from dashboard.addons import certificates, uptime
from dashboard.addons.states import LIVE, STATES
from dashboard.formatting import DASH, age, day, is_missing, plural
from dashboard.metrics.definitions import metric


@metric("Add-ons being set up", "subscriptions", "Set-ups that are requested, waiting, verified or tested.")
def being_set_up(rows: pd.DataFrame) -> int:
    """Set-ups that are neither live nor disabled."""
    return int((~rows["state"].isin([*LIVE, "disabled"])).sum())


@metric("Add-ons waiting for the customer", "subscriptions", "Set-ups that wait for the customer.")
def waiting(rows: pd.DataFrame) -> int:
    """Set-ups that go no further without the customer."""
    return int((rows["state"] == "waiting").sum())


@metric("Add-ons set up and live", "subscriptions", "Set-ups that are active or enforced.")
def live(rows: pd.DataFrame) -> int:
    """Set-ups that are live."""
    return int(rows["state"].isin(LIVE).sum())


@metric(
    "Add-ons in need of attention",
    "subscriptions",
    "Live set-ups with a failed check, or a certificate that has ended or ends soon.",
)
def attention(rows: pd.DataFrame) -> int:
    """Live set-ups of which something is wrong; rows as `told` gives them."""
    return len(not_right(rows))


def not_right(rows: pd.DataFrame) -> pd.DataFrame:
    """Those set-ups, of the rows of `told`."""
    return rows.loc[rows["state"].isin(LIVE) & rows["wrong"].notna()]


def told(rows: pd.DataFrame, names: dict[str, str], now: datetime) -> pd.DataFrame:
    """Set-ups with customer, addon_name, stands, what is wrong (or missing) and for how long, in words."""
    wrong = [_wrong(*each, now) for each in zip(rows["checks"], rows["settings"], strict=True)]
    return rows.assign(
        customer=rows["name"].fillna(rows["customer_id"]),
        addon_name=[names.get(key, key) for key in rows["addon"]],
        stands=rows["state"].map(STATES),
        waits=[age(since, now) for since in rows["since"]],
        what=[_what(*each) for each in zip(rows["settings"], rows["hostname"], strict=True)],
        wrong=pd.Series(wrong, index=rows.index, dtype="string"),
    )


def _what(settings: dict[str, object], hostname: object) -> str:
    """What it is about, in a word or two."""
    if not is_missing(hostname):
        return str(hostname)
    if settings.get("tier"):
        return f"{settings['tier']}% from {settings.get('begins')}"
    protocol = {"saml": "SAML", "oidc": "OpenID Connect"}.get(str(settings.get("protocol")))
    return protocol or DASH


def _wrong(checks: dict[str, dict[str, object]], settings: dict[str, object], now: datetime) -> str | None:
    """What does not hold, all in one sentence or more; None when nothing is known to be wrong."""
    failed = [str(each["told"]) for each in checks.values() if each.get("ok") is False]
    return " ".join([*failed, *certificates_told(settings, now)]) or None


def certificates_told(settings: dict[str, object], now: datetime) -> list[str]:
    """A warning when the identity provider's last certificate ends within 60, 30 or 6 days, or has ended."""
    metadata = settings.get("metadata")
    if not isinstance(metadata, dict) or not metadata.get("certificates"):
        return []
    last = max(datetime.fromisoformat(each["not_after"]) for each in metadata["certificates"])
    left = certificates.warned(last, now)
    if left is None:
        return []
    if left == 0:
        return [f"The identity provider's certificate expired on {day(last)}: nobody can sign on with it."]
    days = plural((last - now).days, "day")
    return [f"The identity provider's certificate ends in {days}, on {day(last)}: ask for the next one."]


def promise_months(months: list[uptime.Month], now: datetime) -> pd.DataFrame:
    """Months of a promise as a table: month, minutes, down, uptime, percent, credit, claim_until, note."""
    return pd.DataFrame(
        {
            "month": [each.month for each in months],
            "minutes": pd.Series([each.minutes for each in months], dtype="Int64"),
            "down": pd.Series([each.down for each in months], dtype="Int64"),
            "uptime": [None if each.uptime is None else uptime.told(each.uptime) for each in months],
            "percent": [None if each.percent is None else f"{each.percent}%" for each in months],
            "credit": pd.Series([each.credit for each in months], dtype="Int64"),
            "claim_until": [each.claim_until for each in months],
            "note": [_note(each, now) for each in months],
        }
    )


def _note(month: uptime.Month, now: datetime) -> str:
    if not month.over:
        return "Not over: nothing is final"
    if month.down is None:
        return "Not known: no downtime entered"
    return "The time to claim is over" if month.credit and now >= month.claim_until else ""
