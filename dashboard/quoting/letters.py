"""Letters to our own people about quotes: to who has to agree, twice, and to who asked once it is decided."""

import logging
import threading
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from dashboard import access, cache, formatting
from dashboard.quotes import rules
from dashboard.quoting.desk import Draft
from data import clock, letters, watching
from data.config import Settings, settings
from data.letters import Letter, Told
from data.quotes import approvals as quote_approvals
from data.quotes import drafts
from data.quotes.approvals import Asked
from data.quotes.states import Figures

LOG = logging.getLogger(__name__)
LOOKS = 60.0  # seconds between two looks for what waited too long
ASKED = """{person} asks for your approval as {role} of a quote for {name}.

It comes to {total} in {term}, ARR {arr}, {off} off list.
It needs you because {because}.

Why it is asked for: {reason}

It waits until {until}. Look at it and decide here:
{where}
"""
REMINDED = """{person} asked for your approval as {role} of a quote for {name} on {day}.

Nobody has decided as {role} so far. It waits until {until}; then it is a draft again.
It needs you because {because}.

Look at it and decide here:
{where}
"""
DECIDED = """{person} has {verb} your quote for {name}.
{said}
{next}
{where}
"""


def _url() -> str:
    return settings().database_url.get_secret_value()


def are_sent() -> bool:
    """Whether there is a mail server to send letters by."""
    return bool(settings().smtp_host)


def asking(
    draft: Draft,
    needed: Mapping[str, Sequence[str]],
    figures: Figures,
    reason: str,
    until: datetime,
    authors: Iterable[str],
) -> list[Letter]:
    """To everybody who may agree in a role that has to, and is not an author. Raises NotChangedError."""
    if not (are_sent() and needed):
        return []
    name, authors = letters.called(_url(), draft.id), [*authors, access.person(), draft.created_by]
    comes_to = formatting.amount(figures.total, figures.currency)
    term = formatting.plural(figures.term, "month")
    found: dict[str, Letter] = {}
    for role, because in needed.items():
        text = ASKED.format(
            person=access.person(),
            role=rules.ROLES[role].lower(),
            name=name,
            total=comes_to,
            term=term,
            arr=formatting.amount(figures.arr, figures.currency),
            off=formatting.percent(figures.discount),
            because=rules.listed(because),
            reason=reason,
            until=formatting.moment(until),
            where=_where(draft.id),
        )
        subject = f"To approve: quote for {name}, {comes_to} in {term}"
        for each in letters.recipients(_url(), settings(), draft.id, role, authors):
            found.setdefault(each, Letter(each, subject, text))
    return list(found.values())


def decided(draft: Draft, asked_by: str, comment: str, *, agreed: bool) -> list[Letter]:
    """To who asked and who began it, unless they decided themselves. Raises NotChangedError."""
    if not are_sent():
        return []
    name, who = letters.called(_url(), draft.id), access.person()
    said = f"\n{comment.strip()}\n" if comment.strip() else ""
    verb, after = ("approved", "It can be sent:") if agreed else ("not approved", "It is a draft again:")
    text = DECIDED.format(person=who, verb=verb, name=name, said=said, next=after, where=_where(draft.id))
    subject = f"{verb.capitalize()}: quote for {name}"
    return [Letter(each, subject, text) for each in _addresses([asked_by, draft.created_by], who)]


def expired(quote_id: str, name: str, asked_by: str) -> list[Letter]:
    """To who asked: nobody decided in time."""
    if not are_sent():
        return []
    text = f"Nobody decided in time on your quote for {name}, so it is a draft again.\nAsk anew here:\n"
    subject = f"Not decided in time: quote for {name}"
    return [Letter(each, subject, f"{text}{_where(quote_id)}\n") for each in _addresses([asked_by], "")]


def remind() -> int:
    """Write once to those who have not decided, before it is too late; how many decisions wait for it.

    Raises NotChangedError.
    """
    if not are_sent():
        return 0
    at = clock.now()
    due = quote_approvals.to_remind(_url(), at)
    return sum(quote_approvals.remind(_url(), each, at, _reminding(each)) for each in due)


def _reminding(asked: Asked) -> list[Letter]:
    """To everybody who may still decide in the role."""
    url, quote_id, role = _url(), asked.quote_id, rules.ROLES.get(asked.role, asked.role).lower()
    name, until = letters.called(url, quote_id), formatting.moment(asked.expires_at)
    known = quote_approvals.rounds(url, quote_id)
    decided = {each.decided_by for each in known if each.round == asked.round and each.decided_by}
    besides = {asked.asked_by, *drafts.authors(url, quote_id), *decided}
    text = REMINDED.format(
        person=asked.asked_by,
        role=role,
        name=name,
        day=formatting.day(asked.asked_at),
        until=until,
        because=rules.listed(asked.because),
        where=_where(quote_id),
    )
    people = letters.recipients(url, settings(), quote_id, asked.role, besides)
    return [Letter(each, f"Still to approve, until {until}: quote for {name}", text) for each in people]


def watch(chosen: Settings, stop: threading.Event) -> None:
    """Remind of what waits for long, make what waited too long a draft again, until told to stop."""
    url = chosen.database_url.get_secret_value()

    def look() -> None:
        if quote_approvals.is_late(url, clock.now()):
            quote_approvals.expire(url, clock.now(), expired)
        remind()

    watching.again(stop, LOOKS, look, LOG, "Quotes that waited too long stay as they are")


def of_round(quote_id: str, since: datetime) -> Sequence[Told]:
    """What became of the letters since a quote was asked for. Raises NotChangedError."""
    return letters.of_quote(cache.stored(), quote_id, since) if are_sent() else ()


def _addresses(people: Iterable[str], besides: str) -> list[str]:
    """Whom of some people one can write to, each once."""
    found = {each.casefold() for each in people if letters.is_address(each)}
    return sorted(found - {besides.casefold()})


def _where(quote_id: str) -> str:
    """Where the quote is found."""
    public = settings().public_url
    return f"{public}/quote?id={quote_id}" if public else f"the dashboard, page Quotes, quote {quote_id}"
