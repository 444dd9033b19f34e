"""The command that drops what a schedule plans: the subscription goes on with what it has."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dashboard.actions.base import Handler, Preview
from dashboard.actions.limits import Stake, arr_stake
from dashboard.actions.objects import (
    arr,
    get_whole,
    item_in_words,
    read_subscription,
    seen_subscription,
)
from dashboard.actions.of_subscription import CHANGE, STAYS, OfSubscription, running
from dashboard.formatting import DASH, day
from data.actions import Step
from data.clock import from_epoch
from data.gateway import Gateway
from data.records.fields import reference

Json = dict[str, Any]
GOES_ON = "Goes on with what it has now"
AGREED = "What was agreed for later is not billed. To keep a contract's term, change it by a quote instead."


@dataclass(frozen=True)
class DropPlannedChange(OfSubscription):
    """Release the schedule that governs a subscription."""


def _read(gateway: Gateway, command: DropPlannedChange) -> Json:
    """The subscription with what its schedule plans, the prices in full."""
    obj = read_subscription(gateway, command)
    planned = gateway.get(f"/v1/subscription_schedules/{obj['schedule']}") if obj["schedule"] else None
    names = {name for each in _later(planned) for name, _ in _items(each)}
    prices = {name: get_whole(gateway, f"/v1/prices/{name}", "product", "tiers") for name in names}
    return {**obj, "planned": planned, "prices": prices}


def _later(planned: Json | None) -> list[Json]:
    """The phases that are still to come."""
    if planned is None:
        return []
    now = (planned.get("current_phase") or {}).get("start_date") or 0
    return [each for each in planned["phases"] if each["start_date"] > now]


def _items(phase: Json) -> list[tuple[str, int | None]]:
    return [(str(reference(each["price"])), each.get("quantity")) for each in phase["items"]]


def _end(planned: Json | None) -> int | None:
    """When the schedule ends the subscription; None where that goes on."""
    ends = planned is not None and planned.get("end_behavior") == "cancel"
    return int(planned["phases"][-1]["end_date"]) if planned and ends else None


def _seen(obj: Json) -> Json:
    """What must not change between a preview and its confirmation."""
    later = [[each["start_date"], *map(list, _items(each))] for each in _later(obj["planned"])]
    return {**seen_subscription(obj), "planned": later, "ends by plan": _end(obj["planned"])}


def _can_drop(command: DropPlannedChange, obj: Json) -> str | None:
    return running(command, obj) or (None if obj["schedule"] else "No change is planned for it.")


def _preview(command: DropPlannedChange, obj: Json, gateway: Gateway, at: datetime) -> Preview:
    rows = [
        (f"From {day(from_epoch(each['start_date']))}", _told(each, obj), GOES_ON)
        for each in _later(obj["planned"])
    ]
    ends = _end(obj["planned"])
    if ends:
        rows.append(("Ends", day(from_epoch(ends)), "Goes on until it is canceled"))
    value = arr(obj, at)
    return Preview(
        tuple(rows) or (("Planned change", "Nothing but the period that runs", GOES_ON),),
        _seen(obj),
        at,
        obj["currency"],
        None,
        value,
        value,
        "Scheduled churn is taken back" if ends else STAYS,
        warnings=(AGREED,) if rows else (),
        stakes=_forgone(obj, value, at),
    )


def _forgone(obj: Json, value: int | None, at: datetime) -> tuple[Stake, ...]:
    """The largest change of ARR that does not come about, by the discounts that hold now."""
    later = [arr({**obj, "items": {"data": _held(each, obj)}}, at) for each in _later(obj["planned"])]
    found = [stake for each in later for stake in arr_stake(value, each, obj["currency"])]
    return tuple(sorted(found, key=lambda stake: (stake.size is None, stake.size or 0))[-1:])


def _held(phase: Json, obj: Json) -> list[Json]:
    return [{"price": obj["prices"][name], "quantity": quantity} for name, quantity in _items(phase)]


def _told(phase: Json, obj: Json) -> str:
    return " and ".join(map(item_in_words, _held(phase, obj))) or DASH


def _steps(command: DropPlannedChange, obj: Json, at: datetime) -> list[Step]:
    return [Step("post", f"/v1/subscription_schedules/{obj['schedule']}/release", {})]


HANDLERS: dict[type, Handler[Any]] = {
    DropPlannedChange: Handler(
        "Drop planned change",
        CHANGE,
        _read,
        _seen,
        _can_drop,
        _preview,
        _steps,
        lambda _, obj: obj["schedule"] is None,
    ),
}
"""What the command needs and does."""
