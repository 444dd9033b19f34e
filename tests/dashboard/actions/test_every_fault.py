"""Every command under every fault: Stripe ends as without the fault, or as if nothing had been asked."""

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import orjson
import pytest
from sqlalchemy import Engine, delete, func, select

from dashboard.actions import resuming
from dashboard.actions.base import ActionError, Command, Preview, UnknownOutcomeError
from dashboard.actions.handlers import HANDLERS
from data import clock
from data.clock import from_epoch
from data.database import open_engine
from data.sandbox.api.resources import RESOURCES
from data.sandbox.store import Store
from data.tables.actions import action, action_step, audit_entry
from tests.dashboard.actions.arranged import ARRANGED
from tests.dashboard.actions.conftest import Desk, desk_of
from tests.dashboard.actions.killing import BEGUN, NOTED, SENT, kill

LATER = resuming.PATIENCE * 2
KINDS = sorted(ARRANGED, key=lambda kind: kind.__name__)
ID = re.compile(rb"\b(?:[a-z]+_)+[0-9A-Za-z]{16}\b")
every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)


@dataclass
class Case:
    """A command that is about to be done, and all that the sandbox held before."""

    desk: Desk
    command: Command
    shown: Preview
    before: list[bytes] = field(default_factory=list)

    def now(self) -> list[bytes]:
        """All that the sandbox holds; ids by the order in which they appear, events without their request."""
        names: dict[bytes, bytes] = {}
        found = [
            orjson.dumps([name, each | ({"request": None} if name == "events" else {})])
            for name in RESOURCES
            for each in self.desk.scenario.store.all(name)
        ]
        return [ID.sub(lambda id_: names.setdefault(id_[0], b"id%d" % len(names)), each) for each in found]

    def fault(self, step: int = 0, **fault: object) -> None:
        """Let the requests that change something fail, from that step on."""
        for method in ("POST", "DELETE"):
            self.desk.fault(method=method, after=step, retry_after=0.001, **fault)

    def heal(self) -> None:
        """Let nothing fail any more."""
        self.desk.client.delete("/sandbox/faults")

    def do(self) -> None:
        """Carry it out."""
        self.desk.do(self.command, self.shown)

    def resume(self) -> None:
        """Finish what is open, some minutes later."""
        resuming.resume(self.desk.url, self.desk.gateway, clock.now() + LATER)

    def settled(self) -> str:
        """How the last try ended; the audit says the same."""
        outcome = self.desk.states()[-1]
        assert self.desk.audited()[-1].outcome == outcome
        return outcome


@dataclass
class Cases:
    """Each kind of command on a desk of its own, and how it ends where nothing fails."""

    engine: Engine
    served: Callable[[Store], str]
    known: dict[type[Command], tuple[list[bytes], int]] = field(default_factory=dict)

    @contextmanager
    def of(self, kind: type[Command]) -> Iterator[Case]:
        """A command of a kind that counts from the sandbox's present moment."""
        with self.engine.begin() as connection:
            for table in (action_step, action, audit_entry):
                connection.execute(delete(table))
        with desk_of(self.served, self.engine, attempts=3) as desk:
            command, at = ARRANGED[kind](desk), from_epoch(desk.scenario.store.now)
            assert at is not None
            case = Case(desk, command, replace(desk.preview(command), at=at))
            case.before = case.now()
            yield case

    def end(self, kind: type[Command]) -> tuple[list[bytes], int]:
        """What the sandbox holds after it, and how many requests it took."""
        if kind not in self.known:
            with self.of(kind) as case:
                case.do()
                assert case.settled() == "done"
                with self.engine.connect() as connection:
                    steps = connection.scalar(select(func.count()).select_from(action_step))
                self.known[kind] = case.now(), int(steps or 0)
        return self.known[kind]


@pytest.fixture(scope="module")
def cases(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, served: Callable[[Store], str]
) -> Iterator[Cases]:
    """All on one SQLite database; those of test_faults run on PostgreSQL too."""
    file = tmp_path_factory.mktemp("faults") / "dashboard.db"
    shutil.copy(sqlite_template, file)
    engine = open_engine(f"sqlite:///{file}")
    yield Cases(engine, served)
    engine.dispose()


def test_every_kind_of_command_is_met_with_every_fault() -> None:
    assert set(ARRANGED) == set(HANDLERS)


@every_kind
def test_refused_then_lost_on_the_way_there_and_back(cases: Cases, kind: type[Command]) -> None:
    after, steps = cases.end(kind)
    with cases.of(kind) as case:
        assert after != case.before
        for status in (402, 429):
            case.fault(status=status)
            with pytest.raises(ActionError, match="nothing was changed"):
                case.do()
            case.heal()
            assert (case.settled(), case.now()) == ("refused", case.before)
        for step in range(steps):
            case.fault(step, kind="unheard", times=1)
            case.fault(step, kind="drop", times=1)
        case.do()
        assert (case.settled(), case.now()) == ("done", after)


@every_kind
def test_trouble_is_left_open_until_stripe_answers(cases: Cases, kind: type[Command]) -> None:
    after, steps = cases.end(kind)
    for step in range(steps):
        with cases.of(kind) as case:
            case.fault(step, status=500)
            with pytest.raises(UnknownOutcomeError):
                case.do()
            for fault in ({"status": 409}, {"kind": "unheard"}, {"status": 429}):
                case.heal()
                case.fault(**fault)
                case.resume()
                assert case.settled() == "unknown"
            case.heal()
            case.resume()
            assert (case.settled(), case.now()) == ("done", after)


@every_kind
def test_every_answer_lost_after_stripe_acted(cases: Cases, kind: type[Command]) -> None:
    after, steps = cases.end(kind)
    for step in range(steps):
        with cases.of(kind) as case:
            case.fault(step, kind="drop")
            with suppress(UnknownOutcomeError):  # where what there is does not tell that it was done
                case.do()
            case.heal()
            case.resume()
            assert (case.settled(), case.now()) == ("done", after)


@every_kind
def test_killed_between_each_two_steps(cases: Cases, kind: type[Command]) -> None:
    after, steps = cases.end(kind)
    for point, step in [(BEGUN, 0), *((point, step) for step in range(steps) for point in (SENT, NOTED))]:
        with cases.of(kind) as case:
            kill(point, step, case.desk.url, case.desk.stripe, case.command, case.shown.at)
            case.resume()
            assert (case.settled(), case.now()) == ("done", after)
