"""GET /offer/TOKEN: the papers of a quote for whoever has its link, without sign-in, and nothing else."""

import time
from html import escape
from pathlib import Path
from string import Template

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from dashboard import formatting
from data import clock
from data.audit import Entry
from data.config import settings
from data.quotes import links as quote_links
from data.quotes.links import Opened
from data.quotes.states import DECLINED, EXPIRED, SUPERSEDED, WITHDRAWN
from data.writing import NotChangedError

PAGE = Template(Path(__file__).with_name("offer_page.html").read_text(encoding="utf-8"))
FILES = {"order-form.pdf": "order_form", "quote.pdf": "stripe"}
CALLED = {"order_form": "Order form", "stripe": "Quote"}
ITEM = '<li><a class="paper" href="{}" download>{} (PDF)</a></li>'
ENDED = {
    SUPERSEDED: "There is a newer offer in the place of this one.",
    WITHDRAWN: "This offer was taken back.",
    DECLINED: "You have declined this offer.",
    EXPIRED: "This offer has expired.",
}
HEADERS = {"cache-control": "no-store, private", "x-robots-tag": "noindex, nofollow"}
GUESSES = 30  # links that lead nowhere, of one visitor in a minute
VISITS = 20  # of one link in a minute
NAMES = 10_000  # that are counted in a minute
BUSY = "This was opened very often just now. Wait a minute, and open it again."


class PerMinute:
    """Counts by name and minute; what is counted is forgotten with the minute."""

    def __init__(self, most: int) -> None:
        self._most, self._minute, self._counts = most, 0, dict[str, int]()

    def _now(self) -> dict[str, int]:
        if (minute := int(time.monotonic() // 60)) != self._minute:
            self._minute, self._counts = minute, {}
        return self._counts

    def full(self, name: str) -> bool:
        """Whether there were as many as there may be."""
        return self._now().get(name, 0) >= self._most

    def add(self, name: str) -> None:
        """Count one more; where there are too many names, nobody's count is begun."""
        counts = self._now()
        if name in counts or len(counts) < NAMES:
            counts[name] = counts.get(name, 0) + 1


def routes() -> list[BaseRoute]:
    """The routes, with counts of their own."""
    guessed, visited = PerMinute(GUESSES), PerMinute(VISITS)

    async def answer(request: Request) -> Response:
        who = request.client.host if request.client else ""
        token, file = request.path_params["token"], request.path_params.get("file", "")
        if visited.full(token):
            return _page("Too many at once", BUSY, 429)
        try:
            found = await run_in_threadpool(quote_links.found, _url(), token)
            if found is None or (file and file not in FILES):
                if guessed.full(who):  # a good link opens whoever else guesses from the same address
                    return _page("Too many at once", BUSY, 429)
                guessed.add(who)
                return _page("There is nothing here", f"This link leads nowhere. {_ask()}", 404)
            visited.add(token)
            return await run_in_threadpool(_file if file else _offer, found, token, file)
        except NotChangedError:
            return _page("Not just now", "This cannot be read at the moment. Try again in a minute.", 503)

    paths = ("/offer/{token}", "/offer/{token}/{file}")
    return [Route(path, answer, methods=["GET"]) for path in paths]


def _url() -> str:
    return settings().database_url.get_secret_value()


def _offer(found: Opened, token: str, file: str) -> Response:
    """The page that leads to the papers, or says why it does not."""
    if over := _over(found):
        return over
    quote_links.opened(_url(), found.link)
    offer, kinds = found.offer, quote_links.kinds(_url(), found.offer.id)
    names = {kind: name for name, kind in FILES.items()}
    items = "".join(ITEM.format(escape(f"{token}/{names[kind]}"), CALLED[kind]) for kind in kinds)
    said = f"Here are the papers of order form {found.name}."
    if offer.accepted_at:
        said = f"{said} It was accepted on {formatting.day(offer.accepted_at)}."
    else:
        until = f" until {formatting.day(offer.last_day)}" if offer.last_day else ""
        to = settings().seller_email
        said = f"{said} To accept{until}, sign the order form and send it back{f' to {to}' if to else ''}."
    after = f"This link is good until {formatting.day(found.link.last_day)}. Whoever has it can read them."
    return _page("Your offer", said, 200, f"<ul>{items}</ul>", after)


def _file(found: Opened, token: str, file: str) -> Response:
    """A paper, noted in the audit before it is handed out."""
    if over := _over(found):
        return over
    kind, offer = FILES[file], found.offer
    told = f"{CALLED[kind]}, by the link that {found.link.made_by} made"
    entry = Entry(
        clock.now(), "customer", "link", "Open quote by link", "done", offer.customer_id, offer.id, told
    )
    content = quote_links.read(_url(), offer.id, kind, entry)
    if content is None:
        return _page("There is nothing here", f"This paper is not there. {_ask()}", 404)
    name = f"{CALLED[kind]} {found.name}.pdf"
    headers = {**HEADERS, "content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type="application/pdf", headers=headers)


def _over(found: Opened) -> Response | None:
    """What is said where the link or the offer is over: the offer's end is the more telling."""
    offer, link, now = found.offer, found.link, clock.now()
    if offer.state not in quote_links.READS:
        told = ENDED.get(found.state, "This offer is not open any more.")
    elif offer.state == "open" and offer.expires_at is not None and offer.expires_at <= now:
        told = ENDED[EXPIRED]
    elif link.revoked_at is not None:
        told = "This link was taken back."
    elif not link.good(now):
        told = f"This link was good until {formatting.day(link.last_day)}."
    else:
        return None
    return _page("Not open any more", f"{told} {_ask()}", 410)


def _ask() -> str:
    to = settings().seller_email
    return f"Ask {settings().seller_name} for a new one{f' at {to}' if to else ''}."


def _page(title: str, said: str, status: int, papers: str = "", after: str = "") -> HTMLResponse:
    """A page of ours; papers is HTML, everything else text."""
    seller = settings().seller_name
    texts = {"title": title, "said": said, "after": after, "seller": seller}
    body = PAGE.substitute({name: escape(text) for name, text in texts.items()} | {"papers": papers})
    return HTMLResponse(body, status, HEADERS)
