"""What actions are made of: who acts, what a command must say of itself, what a preview shows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from dashboard.actions.limits import Stake
from data.action_settings import RoleLimits
from data.actions import Step
from data.fx.rates import RateTable
from data.gateway import Gateway

Json = dict[str, Any]


class Command(Protocol):
    """A frozen fact in the imperative; its fields are plain values, so that it can be written down."""

    @property
    def customer_id(self) -> str:
        """Whom it is about."""

    @property
    def subject(self) -> str:
        """The id of the object that it changes."""


C = TypeVar("C", bound=Command)
UNLIMITED = RoleLimits.model_validate({})
NO_RATES = RateTable("usd", ())


def anybody(_: str) -> bool:
    """Of somebody who may act for every customer."""
    return True


@dataclass(frozen=True)
class Actor:
    """Who acts, in which role, what that role may do, and do alone, and for whom (customers and accounts)."""

    person: str
    role: str
    may: Callable[[str], bool]
    limits: RoleLimits = UNLIMITED
    rates: RateTable = NO_RATES
    owns: Callable[[str], bool] = anybody


@dataclass(frozen=True)
class Money:
    """An invoice that a change leads to: its lines and total, minor units; now, or when the period ends."""

    currency: str
    total: int
    due: int  # after the customer's balance
    lines: tuple[tuple[str, int], ...]
    now: bool
    at: datetime | None = None
    prorated: int = 0  # of the total, what is charged (or, negative, credited) for parts of periods


@dataclass(frozen=True)
class Preview:
    """What a command would do, and the state of the object that this is true of."""

    rows: tuple[tuple[str, str, str], ...]  # what, before, after
    seen: Mapping[str, Any]
    at: datetime  # prorations are computed from here, in the preview and in the change
    currency: str = ""
    money: Money | None = None
    arr_before: int | None = None
    arr_after: int | None = None
    effect: str = ""  # what the ledger will call it, in words; "" where run rate stays
    mails: tuple[str, ...] = field(default=())
    warnings: tuple[str, ...] = field(default=())
    stakes: tuple[Stake, ...] = field(default=())  # what limits look at


@dataclass(frozen=True)
class Handler(Generic[C]):
    """What a kind of command needs, may do, and does."""

    name: str  # what is done, and what the button says: "Cancel subscription"
    permission: str
    read: Callable[[Gateway, C], Json]  # the object that is changed, as it is now
    seen: Callable[[Json], Json]  # of that object, what must not change between preview and confirmation
    guard: Callable[[C, Json], str | None]  # why it cannot be done, in words
    preview: Callable[[C, Json, Gateway, datetime], Preview]
    steps: Callable[[C, Json, datetime], list[Step]]
    achieved: Callable[[C, Json], bool | None]  # whether the object is as wanted; None: it does not tell
    own: frozenset[str] = frozenset()  # of what is seen, that which the first of several steps changes


class ActionError(Exception):
    """An action that was not done; the message is a sentence for a person."""


class ForbiddenActionError(ActionError):
    """The role may not do this."""


class OverLimitError(ActionError):
    """It is more than the role may do alone; the message says what is over."""


class ChangedError(ActionError):
    """The object is not what the preview showed; the message says what differs."""


class UnknownOutcomeError(ActionError):
    """Whether Stripe did it is not known yet; it is written down and can be finished."""
