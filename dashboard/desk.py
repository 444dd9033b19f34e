"""Where pages act from: who acts, the way to Stripe for as long as it takes, and what failed in words."""

from dashboard import access
from dashboard.actions import customers, opening, running
from dashboard.actions.base import ActionError, Actor, Command, Preview, UnknownOutcomeError
from data import actions, clock, refresh
from data.audit import Entry
from data.config import settings
from data.writing import NotChangedError

__all__ = [
    "ActionError",
    "UnknownOutcomeError",
    "card_link",
    "carry_out",
    "close",
    "details",
    "name_of",
    "preview",
    "resume",
]


def actor() -> Actor:
    """The person whose session this is."""
    return Actor(access.person(), access.role(), access.permitted)


def name_of(command: Command) -> str:
    """What a command does, as its button says it."""
    return running.handler_of(command).name


def preview(command: Command) -> Preview:
    """What a command would do. Raises ActionError."""
    with opening.gateway(settings()) as gateway:
        return running.preview(gateway, actor(), command)


def carry_out(command: Command, shown: Preview, reason: str) -> None:
    """Do what was previewed, then read what Stripe has now. Raises ActionError."""
    url = settings().database_url.get_secret_value()
    with opening.gateway(settings()) as gateway:
        running.execute(url, gateway, actor(), command, shown, reason)
    read_again()


def read_again() -> None:
    """Let the change come back along the record's road; where that fails the next sync brings it."""
    try:
        refresh.refresh(settings(), with_application=False)
    except refresh.RefreshError:
        return


def details(customer_id: str) -> dict[str, str]:
    """A customer's billing details as Stripe has them now, by the names of LABELS. Raises ActionError."""
    with opening.gateway(settings()) as gateway:
        return customers.details(gateway.get(f"/v1/customers/{customer_id}"))


def card_link(customer_id: str, key: str) -> str:
    """An address at which the customer changes the card. Raises ActionError."""
    if not access.permitted("send card links"):
        raise ActionError("Your role may not do this: it needs the permission “send card links”.")
    who = actor()
    with opening.gateway(settings()) as gateway:
        link = customers.card_link(gateway, customer_id, key)
    made = Entry(clock.now(), who.person, who.role, "Make card link", "done", customer_id, customer_id)
    try:
        actions.note(settings().database_url.get_secret_value(), made)
    except NotChangedError as error:
        raise ActionError(str(error)) from error
    return link


def close(action_id: str, done: bool, reason: str) -> None:
    """Say how an action ended, having looked at Stripe. Raises ActionError."""
    url = settings().database_url.get_secret_value()
    running.close(url, actor(), action_id, "done" if done else "refused", reason)


def resume() -> dict[str, str]:
    """Finish what was begun and has no known end: the state of each action. Raises ActionError."""
    if not access.permitted("finish actions"):
        raise ActionError("Your role may not do this: it needs the permission “finish actions”.")
    with opening.gateway(settings()) as gateway:
        found = running.resume(settings().database_url.get_secret_value(), gateway)
    read_again()
    return found
