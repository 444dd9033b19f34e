"""What the mirror proves about the past of a subscription: events, invoices, schedules as dated facts."""

from data.evidence.facts import (
    NOTHING,
    Bill,
    Charge,
    Evidence,
    Phase,
    Snapshot,
    State,
    Terms,
    terms,
)

__all__ = ["NOTHING", "Bill", "Charge", "Evidence", "Phase", "Snapshot", "State", "Terms", "terms"]
