"""States of quotes: every move guarded, timed and audited; approvals side by side; edits make them void."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from data import audit, frames
from data.clock import now
from data.letters import Letter
from data.quotes import approvals as quote_approvals
from data.quotes import drafts as quotes
from data.quotes import states as quote_states
from data.quotes.approvals import Decision
from data.quotes.states import FOLLOWS, Move, NotMovedError, seal_of
from data.tables.actions import audit_entry

NEEDED = {"finance": ["It is paid after 60 days."], "manager": ["It is 22% off."]}
FIGURES = {"currency": "usd", "total": 1}


def address(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=False)


def asked(url: str, *, days: int = 7) -> str:
    """A quote that waits for a manager and finance."""
    key = quotes.create(url, {"capacity": 1, "customer_id": "cus_1"}, "Ada")
    wanted = Move(key, "draft", "waiting", 1, now(), "Ada", "sales", "Please", "sealed", FIGURES)
    quote_approvals.ask(url, wanted, NEEDED, now() + timedelta(days=days))
    return key


def said(key: str, role: str, person: str) -> Decision:
    return Decision(key, 1, role, person, role, "well", now())


def untold(quote_id: str, name: str, asked_by: str) -> list[Letter]:
    """No letters."""
    return []


def state(url: str, key: str) -> str:
    draft = quotes.latest(url, key)
    assert draft is not None
    return draft.state


def test_the_last_to_agree_approves_and_the_audit_says_so(engine: Engine) -> None:
    url = address(engine)
    key = asked(url)
    assert not quote_approvals.agree(url, said(key, "manager", "Grace"))
    with pytest.raises(NotMovedError, match="decided on this quote already"):
        quote_approvals.agree(url, said(key, "finance", "Grace"))
    assert state(url, key) == "waiting"
    assert quote_approvals.agree(url, said(key, "finance", "Linus"))
    with pytest.raises(NotMovedError, match="not what you were shown"):
        quote_approvals.agree(url, said(key, "finance", "Linus"))
    last, first = quote_states.history(url, key)
    assert (last.to_state, last.person, last.seal, last.figures, last.number) == (
        "approved",
        "Linus",
        "sealed",
        FIGURES,
        2,
    )
    assert (first.to_state, first.reason) == ("waiting", "Please")
    assert [(each.role, each.state, each.comment) for each in quote_approvals.rounds(url, key)] == [
        ("finance", "approved", "well"),
        ("manager", "approved", "well"),
    ]
    with engine.connect() as connection:
        query = select(audit_entry.c.what, audit_entry.c.person, audit_entry.c.customer_id)
        assert [tuple(row) for row in connection.execute(query.order_by(audit_entry.c.id))] == [
            ("Quote waiting", "Ada", "cus_1"),
            ("Quote approved", "Linus", "cus_1"),
        ]
        assert audit.first_broken(connection) is None


def test_one_who_does_not_agree_makes_it_a_draft_and_frees_the_others(engine: Engine) -> None:
    url = address(engine)
    key = asked(url)
    assert {each.role for each in quote_approvals.waiting(url)} == {"finance", "manager"}
    quote_approvals.refuse(url, said(key, "manager", "Grace"))
    assert quote_states.history(url, key)[0].reason == "Not approved by Grace: well"
    assert {each.role: each.state for each in quote_approvals.rounds(url, key)} == {
        "finance": "closed",
        "manager": "declined",
    }
    with pytest.raises(NotMovedError):
        quote_approvals.agree(url, said(key, "finance", "Linus"))
    assert state(url, key) == "draft"
    assert not quote_approvals.waiting(url)


def test_an_edit_makes_an_approval_void_and_nothing_sent_is_edited(engine: Engine) -> None:
    url = address(engine)
    key = asked(url)
    assert quotes.save(url, key, 1, {"capacity": 2}, "Mallory", "sales")
    assert state(url, key) == "draft"
    with pytest.raises(NotMovedError, match="not what you were shown"):
        quote_approvals.agree(url, said(key, "manager", "Grace"))
    wanted = Move(key, "draft", "approved", 2, now(), "Ada", "sales")
    quote_states.go(url, wanted)
    quotes.save(url, key, 2, {"capacity": 3}, "Mallory", "sales")
    with pytest.raises(NotMovedError, match="is draft meanwhile"):
        quote_states.go(url, Move(key, "approved", "sent", 2, now(), "Ada", "sales"))
    with pytest.raises(NotMovedError, match="Somebody changed this quote"):
        quote_states.go(url, wanted)
    quote_states.go(url, Move(key, "draft", "approved", 3, now(), "Ada", "sales"))
    quote_states.go(url, Move(key, "approved", "sent", 3, now(), "Ada", "sales"))
    with pytest.raises(NotMovedError, match="cannot be changed"):
        quotes.save(url, key, 3, {"capacity": 4}, "Mallory", "sales")
    draft = quotes.latest(url, key)
    assert draft is not None
    assert (draft.version, draft.fields, draft.state) == (3, {"capacity": 3}, "sent")
    assert [each.reason for each in quote_states.history(url, key)][2] == quote_states.EDITED


def test_what_waits_too_long_is_a_draft_again(engine: Engine) -> None:
    url = address(engine)
    key = asked(url, days=1)
    later = now() + timedelta(days=2)
    assert quote_approvals.expire(url, now(), untold) == 0
    with pytest.raises(NotMovedError, match="waited for too long"):
        quote_approvals.agree(url, Decision(key, 1, "manager", "Grace", "manager", "", later))
    assert quote_approvals.expire(url, later, untold) == 1
    assert quote_approvals.expire(url, later, untold) == 0
    assert state(url, key) == "draft"
    assert {each.state for each in quote_approvals.rounds(url, key)} == {"expired"}


def test_of_two_who_move_at_once_one_is_first(engine: Engine) -> None:
    url = address(engine)
    key = asked(url)

    def decide(role: str) -> str:
        try:
            return f"{quote_approvals.agree(url, said(key, role, role.title()))}"
        except NotMovedError:
            return "no"

    with ThreadPoolExecutor(4) as pool:
        decided = sorted(pool.map(decide, ["manager", "finance"] * 2))
    assert decided == ["False", "True", "no", "no"]
    assert state(url, key) == "approved"


def test_only_what_follows_can_be_moved_to(sqlite_engine: Engine) -> None:
    url = address(sqlite_engine)
    key = quotes.create(url, {}, "Ada")
    for start, ends in FOLLOWS.items():
        for end in set(FOLLOWS) - set(ends):
            with pytest.raises(NotMovedError, match="cannot become"):
                quote_states.go(url, Move(key, start, end, 1, now(), "Ada", "sales"))
    with pytest.raises(NotMovedError, match="no such quote"):
        quote_states.go(url, Move("q_none", "draft", "approved", 1, now(), "Ada", "sales"))
    with pytest.raises(NotMovedError, match="has changed meanwhile"):
        quote_approvals.ask(url, Move(key, "draft", "waiting", 1, now(), "Ada", "sales"), {}, now())
    assert not quote_states.history(url, key)


def test_a_seal_is_of_the_fields_and_what_they_come_to() -> None:
    assert seal_of({"a": 1, "b": "x"}, [5]) == seal_of({"b": "x", "a": 1}, [5])
    assert len({seal_of({"a": 1}, [5]), seal_of({"a": 1}, [6]), seal_of({"a": "1"}, [5])}) == 3


def test_the_audit_tells_whom_a_prospects_quote_is_for(engine: Engine) -> None:
    url = address(engine)
    key = quotes.create(url, {"prospect": "Maple"}, "Ada")
    quotes.save(url, key, 1, {"prospect": "Maple & Elm"}, "Ada")
    quote_states.go(url, Move(key, "draft", "approved", 2, now(), "Ada", "sales"))
    asked(url)
    entries = frames.audit_entries(engine)
    assert entries["prospect"].isna().tolist() == [True, False]
    assert frames.audit_entries(engine, text="elm")["prospect"].tolist() == ["Maple & Elm"]
