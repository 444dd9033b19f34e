"""Where pages act from: who acts, the way to Stripe for as long as it takes, and what failed in words."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from dashboard import access, cache
from dashboard.actions import approving, carrying, customers, drafts, opening, resuming, running, tax_ids
from dashboard.actions import upcoming as renewals
from dashboard.actions.base import (
    NO_RATES,
    UNLIMITED,
    ActionError,
    Actor,
    Command,
    Preview,
    UnknownOutcomeError,
)
from dashboard.metrics.conversion import rates_into
from data import actions, clock, mail, refresh
from data.action_settings import ADDRESS
from data.audit import Entry
from data.config import settings
from data.fx.rates import RateTable
from data.writing import NotChangedError

__all__ = [
    "ActionError",
    "UnknownOutcomeError",
    "approve",
    "ask",
    "card_link",
    "carry_out",
    "close",
    "decline",
    "details",
    "let_expire",
    "lines_of",
    "look",
    "name_of",
    "now",
    "offers_checkout",
    "over",
    "preview",
    "resume",
    "send_card_link",
    "sends_mail",
    "tax_ids_of",
    "taxes",
    "upcoming",
]


def actor() -> Actor:
    """The person whose session this is, with what the role may do alone."""
    limits = settings().limits_of(access.role())
    rates = NO_RATES if limits == UNLIMITED else _rates()
    return Actor(access.person(), access.role(), access.permitted, limits, rates, owns)


def owns(name: str) -> bool:
    """Whether a customer or account is one that the person may act for. Raises ActionError."""
    try:
        return cache.shows("customer", name) or cache.shows("account", name)
    except cache.UnavailableError as error:
        raise ActionError(str(error)) from error


def _own(table: str, key: str) -> None:
    """Go on where the person may see a row, or raise ActionError."""
    try:
        shown = cache.shows(table, key)
    except cache.UnavailableError as error:
        raise ActionError(str(error)) from error
    if not shown:
        raise ActionError("This is another account manager's customer.")


def _rates() -> RateTable:
    """The rates into the currency that limits are in; none where they cannot be read."""
    currency = settings().reporting_currency
    try:
        if known := cache.snapshot():
            return rates_into(currency, known.frame("exchange_rates"))
    except cache.UnavailableError:
        pass
    return RateTable(currency, ())


def _url() -> str:
    return settings().database_url.get_secret_value()


def name_of(command: Command) -> str:
    """What a command does, as its button says it."""
    return carrying.handler_of(command).name


def preview(command: Command) -> Preview:
    """What a command would do. Raises ActionError."""
    with opening.gateway(settings()) as gateway:
        return running.preview(gateway, actor(), command)


def carry_out(command: Command, shown: Preview, reason: str) -> None:
    """Do what was previewed, then read what Stripe has now. Raises ActionError."""
    with opening.gateway(settings()) as gateway:
        running.execute(_url(), gateway, actor(), command, shown, reason)
    read_again()


def over(shown: Preview, command: Command | None = None) -> tuple[str, ...]:
    """Why somebody else has to approve what was previewed, a sentence for each limit; nothing: nobody.

    Of one's own command, what one did for the customer lately counts too. Raises ActionError.
    """
    if command is None:
        return running.over(actor(), shown)
    return running.over_with_earlier(_url(), actor(), command, shown)


def ask(command: Command, shown: Preview, reason: str) -> None:
    """Ask somebody else to approve what was previewed. Raises ActionError."""
    approving.ask(_url(), actor(), command, shown, reason, settings().approval_days)


def look(approval_id: str) -> Preview:
    """What a request would do now. Raises ActionError, also where its object has changed since."""
    with opening.gateway(settings()) as gateway:
        return approving.look(_url(), gateway, actor(), approval_id)


def approve(approval_id: str, shown: Preview, comment: str) -> None:
    """Do what was asked for and looked at, then read what Stripe has now. Raises ActionError."""
    with opening.gateway(settings()) as gateway:
        approving.approve(_url(), gateway, actor(), approval_id, shown, comment)
    read_again()


def decline(approval_id: str, comment: str) -> None:
    """Say no to a request, or take one's own back. Raises ActionError."""
    approving.decline(_url(), actor(), approval_id, comment)


def let_expire() -> None:
    """Close the requests that have waited too long. Raises ActionError."""
    approving.expire(_url())


def now() -> datetime:
    """This instant, by which requests expire."""
    return clock.now()


def read_again() -> None:
    """Let the change come back along the record's road; where that fails the next sync brings it."""
    try:
        refresh.refresh(settings(), with_application=False)
    except refresh.RefreshError:
        return


def details(customer_id: str) -> dict[str, str]:
    """A customer's billing details as Stripe has them now, by the names of LABELS. Raises ActionError."""
    _needs("see personal data")
    _own("customer", customer_id)
    with opening.gateway(settings()) as gateway:
        return customers.details(gateway.get(f"/v1/customers/{customer_id}"))


def tax_ids_of(customer_id: str) -> dict[str, str]:
    """A customer's tax ids as Stripe has them now, in words by id. Raises ActionError."""
    _needs("see personal data")
    _own("customer", customer_id)
    with opening.gateway(settings()) as gateway:
        return tax_ids.held(gateway, customer_id)


def lines_of(invoice_id: str) -> dict[str, drafts.DraftLine]:
    """A draft's lines as Stripe has them now, by id. Raises ActionError."""
    _own("invoice", invoice_id)
    with opening.gateway(settings()) as gateway:
        return drafts.lines(gateway, invoice_id)


def card_link(customer_id: str, key: str, by: Literal["portal", "checkout"] = "portal") -> str:
    """An address at which the customer changes the card, or leaves another. Raises ActionError."""
    _may_link(customer_id)
    back = settings().card_return_url
    with opening.gateway(settings()) as gateway:
        if by == "portal":
            link = customers.card_link(gateway, customer_id, key, back)
        elif back:
            link = customers.checkout_link(gateway, customer_id, key, back, settings().reporting_currency)
        else:
            raise ActionError("Checkout needs an address to return to: set CARD_RETURN_URL.")
    _note("Make card link", "done", customer_id, f"by {by}")
    return link


def offers_checkout() -> bool:
    """Whether there is an address to which Checkout returns."""
    return bool(settings().card_return_url)


def taxes() -> tuple[str, ...]:
    """How what is sold is taxed, as QUOTE_TAX says it; nothing: not at all."""
    return settings().quote_tax


def sends_mail() -> bool:
    """Whether a mail server is set."""
    return bool(settings().smtp_host)


def send_card_link(customer_id: str, link: str, to: str) -> None:
    """E-mail a link that was made; noted before it is sent and after. Raises ActionError."""
    _may_link(customer_id)
    if not re.fullmatch(ADDRESS, to):
        raise ActionError("The address needs a name, an @ and a domain.")
    _note("Send card link", "unknown", customer_id, f"to {to}: being sent")
    try:
        mail.send(settings(), to, customers.LINK_SUBJECT, customers.LINK_TEXT.format(link=link))
    except mail.MailError as error:
        _note("Send card link", "refused", customer_id, f"to {to}: {error}")
        raise ActionError(f"Nothing was sent. {error}") from error
    _note("Send card link", "done", customer_id, f"to {to}")


def _may_link(customer_id: str) -> None:
    _needs("send card links")
    _own("customer", customer_id)


def _needs(permission: str) -> None:
    if not access.permitted(permission):
        raise ActionError(f"Your role may not do this: it needs the permission “{permission}”.")


def _note(what: str, outcome: str, customer_id: str, reason: str) -> None:
    entry = Entry(
        clock.now(), access.person(), access.role(), what, outcome, customer_id, customer_id, reason
    )
    try:
        actions.note(_url(), entry)
    except NotChangedError as error:
        raise ActionError(str(error)) from error


def upcoming(subscriptions: Sequence[str]) -> list[renewals.Upcoming]:
    """What Stripe will charge next for some subscriptions. Raises ActionError."""
    for subscription_id in subscriptions:
        _own("subscription", subscription_id)
    with opening.gateway(settings()) as gateway:
        return renewals.upcoming(gateway, subscriptions)


def close(action_id: str, done: bool, reason: str) -> None:
    """Say how an action ended, having looked at Stripe. Raises ActionError."""
    resuming.close(_url(), actor(), action_id, "done" if done else "refused", reason)


def resume() -> dict[str, str]:
    """Finish what was begun and has no known end: the state of each action. Raises ActionError."""
    _needs("finish actions")
    with opening.gateway(settings()) as gateway:
        found = resuming.resume(_url(), gateway)
    read_again()
    return found
