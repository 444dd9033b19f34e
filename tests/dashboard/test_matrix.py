"""Who may see and do what: every page, action and field as every role, against the tables in the docs."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import streamlit as st
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.testing.v1 import AppTest
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from dashboard import access, navigation, rights
from dashboard.actions import approving, running
from dashboard.actions.base import Actor, ForbiddenActionError, Preview
from dashboard.actions.handlers import HANDLERS
from data import config
from data.clock import now
from data.database import open_engine
from data.sign_in_settings import ROLES
from data.tables import metadata
from tests.browser.test_sign_in import providing, serving
from tests.pages.conftest import ROOT, said

DOCS = (Path(__file__).resolve().parents[2] / "docs" / "access.md").read_text()
XSRF = "_streamlit_xsrf"
CLOSED = "This page is not open to you"
PAGES = [entry.file for entry in navigation.ENTRIES]
Matrix = Mapping[str, frozenset[str]]


def told(title: str) -> Matrix:
    """The rows of a table in the docs: the roles with a yes, by the first cell."""
    part = DOCS.split(f"## {title}\n")[1].split("\n## ")[0]
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in part.splitlines() if "|" in line
    ]
    head = rows[0]
    return {row[0]: frozenset(role for role in ROLES if row[head.index(role)] == "yes") for row in rows[2:]}


def test_the_docs_have_every_page_action_field_and_export() -> None:
    assert rights.documentation() in DOCS, "put in what `python -m dashboard.rights` prints"
    assert set(told("Pages")) == {f"/{page.stem}" for page in (ROOT / "pages").glob("[!_]*.py")}


@pytest.mark.parametrize("role", [*ROLES, "nobody"])
def test_every_action_asks_again_who_may(role: str) -> None:
    matrix = told("Actions at Stripe")
    actor = Actor("p@example.com", role, lambda name: role in access.PERMISSIONS[name])
    shown = Preview((), {}, now())
    nowhere: Any = None  # a refused action reaches neither the database nor Stripe
    for kind, handler in HANDLERS.items():
        command = kind(*("x" for _ in fields(kind)))
        if role in matrix[handler.name]:
            running.permitted(actor, command)
            continue
        for attempt in (
            lambda command=command: running.preview(nowhere, actor, command),
            lambda command=command: running.execute(nowhere, nowhere, actor, command, shown, "because"),
            lambda command=command: approving.ask(nowhere, actor, command, shown, "because", 7),
        ):
            with pytest.raises(ForbiddenActionError):
                attempt()


@pytest.mark.parametrize("role", ROLES)
def test_whoever_has_own_customers_only_acts_for_no_other(role: str) -> None:
    actor = Actor("p@example.com", role, lambda _: True, owns=lambda name: name == "cus_own")
    nowhere: Any = None
    for kind in HANDLERS:
        command = kind(*("x" for _ in fields(kind)))
        if not command.customer_id.startswith("new "):
            with pytest.raises(ForbiddenActionError, match="own customers"):
                running.preview(nowhere, actor, command)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database that was never synced: each page passes its gate, or not, and has nothing more to draw."""
    url = f"sqlite:///{tmp_path_factory.mktemp('matrix') / 'dashboard.db'}"
    engine = open_engine(url)
    metadata.create_all(engine)
    engine.dispose()
    return url


@pytest.fixture
def walk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str], Iterator[tuple[str, AppTest]]]]:
    """Every page on a database as a role sees it."""

    def walked(url: str, role: str) -> Iterator[tuple[str, AppTest]]:
        monkeypatch.setenv("DATABASE_URL", url)
        config.use(None)
        app = AppTest.from_file(str(ROOT / "dashboard" / "app.py"), default_timeout=60)
        app.session_state["_role"] = role
        app.run()
        for page in PAGES:
            yield page, app.switch_page(str(ROOT / "pages" / f"{page}.py")).run()

    yield walked
    config.use(None)
    st.cache_data.clear()
    st.cache_resource.clear()


@pytest.mark.parametrize("role", ROLES)
def test_every_page_is_open_to_whom_the_docs_say(walk: Any, empty: str, role: str) -> None:
    matrix = told("Pages")
    for page, app in walk(empty, role):
        assert not app.exception, page
        assert (CLOSED not in said(app)) is (role in matrix[f"/{page}"]), page
        assert bool(app.title) is (role in matrix[f"/{page}"]), page


@pytest.fixture(scope="module")
def served(empty: str) -> Iterator[str]:
    """The address of a server with sign-in, where everybody's name says their role."""
    roles = ",".join(f"{role}@example.com={role}" for role in ROLES)
    people = [f"{role}@example.com" for role in (*ROLES, "nobody")]
    with providing(*people, lasts=timedelta(hours=1)) as issuer, serving(empty, issuer, roles) as address:
        yield address


@contextmanager
def session(address: str, cookies: str) -> Iterator[ClientConnection]:
    """A browser's way to the pages."""
    way = f"{address.replace('http', 'ws')}/_stcore/stream"
    headers = {"Cookie": cookies} if cookies else {}
    token = next((each.partition("=")[2] for each in cookies.split("; ") if XSRF in each), "")
    protocols = [Subprotocol(name) for name in ("streamlit", token) if name]
    with connect(
        way, origin=Origin(address), additional_headers=headers, subprotocols=protocols, max_size=None
    ) as socket:
        yield socket


def answers(socket: ClientConnection, page: str, pressed: str = "") -> list[ForwardMsg]:
    """What the server sends of a page by its address, where a button was pressed maybe."""
    asked = BackMsg()
    asked.rerun_script.page_name = page
    if pressed:
        asked.rerun_script.widget_states.widgets.add(id=pressed, trigger_value=True)
    socket.send(asked.SerializeToString())
    found = []
    while True:
        found.append(ForwardMsg.FromString(bytes(socket.recv(timeout=30))))
        if found[-1].WhichOneof("type") == "script_finished":
            return found


def visited(socket: ClientConnection, page: str) -> str:
    """All that the server tells of a page."""
    return "\n".join(map(str, answers(socket, page)))


def signed_in(address: str, email: str) -> str:
    """The cookies of somebody who has pressed the button and signed in at the provider."""
    with session(address, "") as socket:
        buttons = [found.delta.new_element.button.id for found in answers(socket, "overview")]
        pressed = answers(socket, "overview", next(filter(None, buttons)))
        (way,) = filter(None, (found.auth_redirect.url for found in pressed))
    with httpx.Client(base_url=address, follow_redirects=True) as client:
        asked = client.get(way)
        client.post(asked.url, data={"sub": email}).raise_for_status()
        client.get("/_stcore/health")
        mine = [each for each in client.cookies.jar if each.domain == "127.0.0.1"]
        return "; ".join(f"{each.name}={each.value}" for each in mine)


@pytest.mark.parametrize("role", [*ROLES, "nobody", ""])
def test_every_address_answers_whom_the_docs_say(served: str, role: str) -> None:
    matrix, titles = told("Pages"), {entry.file: entry.title for entry in navigation.ENTRIES}
    cookies = signed_in(served, f"{role}@example.com") if role else ""
    with session(served, cookies) as socket:
        for page in PAGES:
            answer = visited(socket, page)
            heading = f'body: "{titles[page]}"'
            assert (heading in answer) is (role in matrix[f"/{page}"]), page
            closed = CLOSED if role in ROLES else "You have no access yet" if role else "Sign in to see plans"
            assert (closed in answer) is (role not in matrix[f"/{page}"]), page


def test_what_is_not_a_page_tells_nothing_either(served: str) -> None:
    answers = {path: httpx.get(f"{served}/{path}") for path in ("", "customer?id=cus_1", "media/x.csv")}
    assert all("cus_" not in answer.text for answer in answers.values())
    assert answers["media/x.csv"].status_code == 404
    with session(served, "_streamlit_user=forged") as socket:
        assert "Sign in to see plans" in visited(socket, "customers")
