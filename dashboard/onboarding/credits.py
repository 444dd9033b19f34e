"""Credits of months that broke a promise: who claimed them, and the command that issues the credit note."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from dashboard import access, cache, formatting
from dashboard.actions import downtime
from dashboard.actions.downtime import CreditDowntime
from dashboard.actions.invoices import CREDIT
from dashboard.addons import states, uptime
from dashboard.addons.uptime import Month
from dashboard.onboarding import desk as addon_desk
from dashboard.onboarding.desk import EDIT, AddonError, Kept
from data import clock
from data.addons import claims, promises
from data.addons.claims import Claim, Credited
from data.addons.storage import By
from data.config import settings

Terms = Mapping[str, Any]
"""What was promised in a month: data.addons.promises.TERMS."""
STANDS = {
    "waiting": "Waits for approval",
    "prepared": "Being issued",
    "running": "Being issued",
    "unknown": "Not known whether issued",
    "done": "Issued",
}
"""How far a credit note is, by the state of its approval or action."""


@dataclass(frozen=True)
class Credit:
    """A month that is over and is to be paid for: the claim and the credit note, where there is one."""

    month: Month
    terms: Terms
    claim: Claim | None
    note: Credited | None

    @property
    def issued(self) -> int:
        """What was issued or is on its way, minor units without tax, whatever the month comes to by now."""
        return self.note.amount if self.note else 0

    @property
    def left(self) -> int:
        """What of the credit no credit note was asked for; none where it was of another credit."""
        whole = self.month.credit or 0
        return whole - self.issued if self.note is None or self.note.credit == whole else 0


def _url() -> str:
    return settings().database_url.get_secret_value()


def may_claim() -> bool:
    """Whether the person may note claims: whoever sets up add-ons, or credits invoices."""
    return access.permitted(EDIT) or access.permitted(CREDIT)


def months(kept: Kept, now: datetime) -> list[tuple[Month, Terms]]:
    """Every month that a promise ran in, with its terms, the newest first. Raises NotChangedError."""
    tiers = addon_desk.tiers(kept.addon)
    down, found = addon_desk.downtime(kept), dict[str, tuple[Month, Terms]]()
    for terms in promises.ran(kept.settings, kept.state in states.LIVE):
        begins, ended = terms["begins"], terms.get("ended") or clock.month_of(now)
        found = {name: each for name, each in found.items() if name < begins}
        if tier := addon_desk.tier_of(terms, tiers):
            every = uptime.months(tier, begins, down, terms.get("fee"), now)
            found |= {each.month: (each, terms) for each in every if each.month <= ended}
    return [found[name] for name in sorted(found, reverse=True)]


def owed(kept: Kept, now: datetime) -> list[Credit]:
    """The months that are over and broke the promise, or were credited, the newest first.

    Raises NotChangedError.
    """
    claimed, notes = claims.standing(cache.stored(), kept.id), claims.credited(cache.stored(), kept.id)
    return [
        Credit(each, terms, claimed.get(each.month), notes.get(each.month))
        for each, terms in months(kept, now)
        if (each.credit and each.over) or each.month in notes
    ]


def claim(kept: Kept, month: str, day: date | None, told: str) -> None:
    """Note that the customer claimed the credit of a month on a UTC day; None: it is taken back.

    Raises NotChangedError.
    """
    if not may_claim():
        access.require(EDIT)
    cache.require_shown("addon_setup", kept.id)
    at = clock.now()
    found = _of(owed(kept, at), month)
    if found.note:
        raise AddonError(f"The credit note of {month} is under way or issued: its claim stands.")
    if day is not None and (refusal := uptime.claimable(found.month, day)):
        raise AddonError(refusal)
    if day is not None and day > at.date():
        raise AddonError("A claim cannot be of a day that is still to come.")
    if day is None and found.claim is None:
        raise AddonError("Nobody has claimed it.")
    by = By(access.person(), access.role())
    claims.note(_url(), kept, month, day, told.strip()[:500] or None, by)


def _of(owing: list[Credit], month: str) -> Credit:
    found = next((each for each in owing if each.month.month == month), None)
    if found is None:
        raise AddonError(f"There is no credit for {month}: it is not over, or the promise was kept.")
    return found


@dataclass(frozen=True)
class Share:
    """What one invoice credits: without tax, and its tax; minor units."""

    amount: int
    tax: int


def share(credit: Credit, left: int, total: int, untaxed: int) -> Share:
    """What an invoice with so much left can credit of what is still to be."""
    part = min(credit.left, downtime.fitting(left, total, untaxed))
    return Share(part, downtime.tax_on(part, total, untaxed))


def command(kept: Kept, credit: Credit, invoice_id: str, of: Share, refund: bool) -> CreditDowntime:
    """What issues the credit note of a month that was claimed, or a part of it."""
    month, told = credit.month, credit.terms
    assert month.credit is not None
    assert month.down is not None
    whole = of.amount == month.credit
    return CreditDowntime(
        kept.customer_id,
        invoice_id,
        kept.id,
        month.month,
        month.down,
        of.amount,
        str(told["currency"]),
        memo(month, told) + ("" if whole else part_in_words(of, credit)),
        refund,
        of.tax,
        0 if whole else month.credit,
    )


def part_in_words(of: Share, credit: Credit) -> str:
    """Which part of the credit a credit note is, in a sentence."""
    code = str(credit.terms["currency"])
    whole = formatting.amount(credit.month.credit, code)
    return f" This credits {formatting.amount(of.amount, code)} of {whole}, before tax."


def memo(month: Month, told: Terms) -> str:
    """What the credit note says."""
    assert month.uptime is not None
    fee = formatting.amount(int(str(told["fee"])), str(told["currency"]))
    reached = uptime.told(month.uptime)
    return (
        f"Uptime in {formatting.month(month.month)}: {reached}, promised {told['tier']}%. "
        f"Credit: {month.percent}% of the month's fee of {fee}."
    )
