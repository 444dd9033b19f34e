"""Events as rows: what happened, kept whole as evidence for the ledger."""

from datetime import datetime

from data.clock import from_epoch
from data.records.fields import Json, Row


def event(obj: Json, observed_at: datetime) -> Row:
    """A Stripe event of any type as a row of `event`."""
    get = obj.get
    data = get("data") or {}
    subject = data.get("object") or {}
    return {
        "id": obj["id"],
        "type": get("type"),
        "object_type": subject.get("object"),
        "object_id": subject.get("id"),
        "api_version": get("api_version"),
        "data": {"object": subject, "previous_attributes": data.get("previous_attributes")},
        "created_at": from_epoch(get("created")),
        "observed_at": observed_at,
    }
