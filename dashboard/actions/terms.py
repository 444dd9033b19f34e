"""Commands that change on which terms a subscription runs: collection, discounts, its trial."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from dashboard.actions.base import Handler, Preview
from dashboard.actions.limits import Stake, arr_stake
from dashboard.actions.mails import of_change, of_trial
from dashboard.actions.objects import (
    arr,
    credit_stake,
    discount_ids,
    discounts_in_words,
    get_whole,
    invoice_of,
    seen_subscription,
)
from dashboard.actions.of_subscription import (
    CHANGE,
    DISCOUNT,
    OfSubscription,
    handler,
    movement,
    path,
    post,
    running,
    unbilled,
    unscheduled,
)
from dashboard.formatting import day, word
from data.actions import Step
from data.clock import from_epoch
from data.gateway import Gateway
from data.records.fields import reference
from data.subscription_value import share_taken_off

Json = dict[str, Any]


@dataclass(frozen=True)
class PauseCollection(OfSubscription):
    """Collect nothing for a while; behavior is what becomes of the invoices meanwhile."""

    behavior: Literal["keep_as_draft", "mark_uncollectible", "void"] = "keep_as_draft"
    resumes_at: int = 0  # epoch seconds; 0: until it is resumed


@dataclass(frozen=True)
class ResumeCollection(OfSubscription):
    """Collect again."""


@dataclass(frozen=True)
class ApplyCoupon(OfSubscription):
    """Give a coupon's discount, beside those that are there."""

    coupon_id: str


@dataclass(frozen=True)
class EndDiscount(OfSubscription):
    """Take a discount off."""

    discount_id: str


@dataclass(frozen=True)
class SetTrialEnd(OfSubscription):
    """Let a trial end at an instant (epoch seconds), or now with 0."""

    at: int = 0


def _paused(obj: Json) -> str:
    pause = obj["pause_collection"]
    return f"Paused: {word(pause['behavior']).lower()}" if pause else COLLECTED


def _pause_params(command: PauseCollection, obj: Json) -> Json:
    resumes = {"resumes_at": command.resumes_at} if command.resumes_at else {}
    return {"pause_collection": {"behavior": command.behavior, **resumes}}


def _preview_pause(command: PauseCollection, obj: Json, gateway: Gateway, at: datetime) -> Preview:
    row = ("Collection", _paused(obj), f"Paused: {word(command.behavior).lower()}")
    return unbilled(obj, at, row, COUNTS, stakes=_forgone(command, obj, at))


def _preview_resume(command: ResumeCollection, obj: Json, gateway: Gateway, at: datetime) -> Preview:
    return unbilled(obj, at, ("Collection", _paused(obj), COLLECTED))


def _forgone(command: PauseCollection, obj: Json, at: datetime) -> tuple[Stake, ...]:
    """What is given up while invoices are void or uncollectible; not known where nobody says how long."""
    value = arr(obj, at)
    if command.behavior == "keep_as_draft" or value == 0:
        return ()
    seconds = command.resumes_at - int(at.timestamp())
    size = None if value is None or not command.resumes_at else value * max(0, seconds) // YEAR
    return (Stake("write_off", size, obj["currency"]),)


def _coupon_params(command: ApplyCoupon, obj: Json) -> Json:
    return {"discounts": [*({"discount": each} for each in discount_ids(obj)), {"coupon": command.coupon_id}]}


def _end_params(command: EndDiscount, obj: Json) -> Json:
    kept = [{"discount": each} for each in discount_ids(obj) if each != command.discount_id]
    return {"discounts": kept or ""}


def _inherited(obj: Json) -> list[Json] | str:
    """Without a discount of its own that of the customer holds, which a preview has to be told."""
    general = obj.get("customer_discount")
    return [{"discount": general["id"]}] if general else ""


def _preview_discounts(
    after: Callable[[Any, Json, Gateway], Json], params: Callable[[Any, Json], Json]
) -> Any:
    def preview(command: Any, obj: Json, gateway: Gateway, at: datetime) -> Preview:
        then = after(command, obj, gateway)
        value, new = arr(obj, at), arr(then, at)
        asked = params(command, obj)["discounts"] or _inherited(obj)
        money = invoice_of(gateway, command.subscription_id, {}, at, discounts=asked)
        rows = (("Discounts", discounts_in_words(obj), discounts_in_words(then)),)
        share = share_taken_off(then, at)
        more = share is None or share > (share_taken_off(obj, at) or 0)
        return Preview(
            rows,
            seen_subscription(obj),
            at,
            obj["currency"],
            money,
            value,
            new,
            movement(value, new),
            of_change(obj, money),
            stakes=(Stake("discount_percent", share),) * more + arr_stake(value, new, obj["currency"]),
        )

    return preview


def _with_coupon(command: ApplyCoupon, obj: Json, gateway: Gateway) -> Json:
    coupon = get_whole(gateway, f"/v1/coupons/{command.coupon_id}", "applies_to")
    given = {"id": "new", "source": {"coupon": coupon}, "start": None, "end": None, "subscription_item": None}
    return {**obj, "discounts": [*obj["discounts"], given]}


def _without(command: EndDiscount, obj: Json, gateway: Gateway) -> Json:
    left = [each for each in obj["discounts"] if discount_ids({"discounts": [each]}) != [command.discount_id]]
    return {**obj, "discounts": left}


def _has_coupon(command: ApplyCoupon, obj: Json) -> bool:
    given = [each for each in obj["discounts"] if isinstance(each, dict)]
    return any(reference(each["source"]["coupon"]) == command.coupon_id for each in given)


def _can_give(command: ApplyCoupon, obj: Json) -> str | None:
    return unscheduled(command, obj) or ("It has this coupon already." if _has_coupon(command, obj) else None)


def _can_end(command: EndDiscount, obj: Json) -> str | None:
    gone = command.discount_id not in discount_ids(obj)
    return unscheduled(command, obj) or ("This discount is not there any more." if gone else None)


def _can_set_trial(command: SetTrialEnd, obj: Json) -> str | None:
    if command.at == 0 and obj["status"] != "trialing":
        return "It is not in a trial."
    return running(command, obj)


def _preview_trial(command: SetTrialEnd, obj: Json, gateway: Gateway, at: datetime) -> Preview:
    until = day(from_epoch(command.at)) if command.at else "now"
    before = day(from_epoch(obj["trial_end"])) if obj["status"] == "trialing" else "Not in a trial"
    active = {**obj, "status": "active"}
    value, new = arr(obj, at), 0 if command.at else arr(active, at)
    money = invoice_of(gateway, command.subscription_id, _trial_params(command, obj, at), at)
    rows = (("Trial ends", before, until),)
    return Preview(
        rows,
        seen_subscription(obj),
        at,
        obj["currency"],
        money,
        value,
        new,
        movement(value, new),
        of_trial(obj, command.at) if command.at else of_change(obj, money),
        stakes=(
            *arr_stake(value, new, obj["currency"]),
            *credit_stake(money),
            *_put_off(command, obj, at),
        ),
    )


def _put_off(command: SetTrialEnd, obj: Json, at: datetime) -> tuple[Stake, ...]:
    """What a longer trial gives away: its worth, as where one is started with a trial."""
    if obj["status"] != "trialing" or command.at <= (obj["trial_end"] or 0):
        return ()
    return arr_stake(0, arr({**obj, "status": "active"}, at), obj["currency"])


def _trial_params(command: SetTrialEnd, obj: Json, at: datetime) -> Json:
    """A trial for somebody who pays gives time back, counted from the instant of the preview."""
    if obj["status"] == "trialing" or not command.at:
        return {"trial_end": command.at or "now"}
    prorated = {"proration_behavior": "create_prorations", "proration_date": int(at.timestamp())}
    return {"trial_end": command.at, **prorated}


def _trial_steps(command: SetTrialEnd, obj: Json, at: datetime) -> list[Step]:
    return [Step("post", path(command), _trial_params(command, obj, at))]


def _trial_is_set(command: SetTrialEnd, obj: Json) -> bool:
    return bool(obj["trial_end"] == command.at if command.at else obj["status"] != "trialing")


def _can_pause(command: PauseCollection, obj: Json) -> str | None:
    return running(command, obj) or ("It is paused already." if obj["pause_collection"] else None)


def _can_resume(command: ResumeCollection, obj: Json) -> str | None:
    return running(command, obj) or (None if obj["pause_collection"] else "It is not paused.")


def _resume_params(command: ResumeCollection, obj: Json) -> Json:
    return {"pause_collection": ""}


COLLECTED = "Collected as usual"
YEAR = 365 * 86_400  # seconds
COUNTS = "No change of run rate: a subscription whose collection is paused still counts, and is a risk"

HANDLERS: dict[type, Handler[Any]] = {
    PauseCollection: handler(
        "Pause collection",
        CHANGE,
        guard=_can_pause,
        preview=_preview_pause,
        steps=post(_pause_params),
        achieved=lambda _, obj: obj["pause_collection"] is not None,
    ),
    ResumeCollection: handler(
        "Resume collection",
        CHANGE,
        guard=_can_resume,
        preview=_preview_resume,
        steps=post(_resume_params),
        achieved=lambda _, obj: obj["pause_collection"] is None,
    ),
    ApplyCoupon: handler(
        "Apply coupon",
        DISCOUNT,
        guard=_can_give,
        preview=_preview_discounts(_with_coupon, _coupon_params),
        steps=post(_coupon_params),
        achieved=_has_coupon,
    ),
    EndDiscount: handler(
        "End discount",
        DISCOUNT,
        guard=_can_end,
        preview=_preview_discounts(_without, _end_params),
        steps=post(_end_params),
        achieved=lambda command, obj: command.discount_id not in discount_ids(obj),
    ),
    SetTrialEnd: handler(
        "Set trial end",
        CHANGE,
        guard=_can_set_trial,
        preview=_preview_trial,
        steps=_trial_steps,
        achieved=_trial_is_set,
    ),
}
"""What each command needs and does."""
