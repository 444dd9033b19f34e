"""What a monitor is told: alive, ready, and the figures it keeps."""

from collections.abc import Iterator

import httpx
import pytest
from sqlalchemy import Engine, insert
from starlette.applications import Starlette

from dashboard.probes import ROUTES
from data import clock, config, webhooks
from data.provisioning import outbox
from data.tables import operations
from data.writing import transaction
from tests.asking import asked

APP = Starlette(routes=ROUTES)


def get(path: str, client: str = "127.0.0.1", **headers: str) -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(APP, client=(client, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://ops") as session:
            return await session.get(path, headers=headers)

    return asked(ask)


@pytest.fixture(autouse=True)
def _settings_of_its_own() -> Iterator[None]:
    yield
    config.use(None)


@pytest.fixture
def url(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> str:
    url = engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("DATABASE_URL", url)
    config.use(None)
    return url


def test_ready_means_migrated_and_fresh(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from data.database import open_engine
    from data.migrations import migrate

    monkeypatch.setenv("DATABASE_URL", database_url)
    config.use(None)
    assert get("/healthz").json() == {"status": "ok"}
    assert get("/readyz").status_code == 503
    engine = open_engine(database_url)
    migrate(engine)
    empty = get("/readyz")
    assert (empty.status_code, empty.json()["data"]["told"]) == (503, "Nothing has been read yet.")
    with engine.begin() as connection:
        done = {"kind": "full", "state": "done", "started_at": clock.now(), "finished_at": clock.now()}
        connection.execute(insert(operations.sync_run).values(done))
    ready = get("/readyz")
    assert (ready.status_code, ready.json()["status"]) == (200, "ready")
    engine.dispose()


def test_without_a_database_it_is_not_ready_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://somebody:hunter2@127.0.0.1:1/none")
    config.use(None)
    for path in ("/readyz", "/metrics"):
        answer = get(path)
        assert answer.status_code == 503
        assert "not answer" in answer.text
        assert "hunter2" not in answer.text


def test_the_figures_count_what_waits(url: str) -> None:
    webhooks.store(url, {"id": "evt_1", "type": "x"}, clock.now())
    with transaction(url) as connection:
        outbox.request(connection, outbox.Request("k", "addon.active", "cus_1", "s", {}), "ann")
    said = get("/metrics").text
    assert 'subscription_operations_webhooks{state="waiting"} 1.0' in said
    assert 'subscription_operations_provisioning_requests{state="waiting"} 1.0' in said
    assert 'subscription_operations_letters{state="dead"} 0.0' in said
    assert "subscription_operations_actions_unfinished 0.0" in said
    assert "\nsubscription_operations_data_age_seconds" not in said  # unknown is not zero


@pytest.mark.parametrize(
    ("client", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("10.0.0.7", {}, 403),
        ("127.0.0.1", {"x-forwarded-for": "10.0.0.7"}, 403),
    ],
)
def test_strangers_do_not_measure(url: str, client: str, headers: dict[str, str], status: int) -> None:
    assert get("/metrics", client, **headers).status_code == status


def test_with_a_token_whoever_brings_it_measures(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("METRICS_TOKEN", "hunter2")
    config.use(None)
    assert get("/metrics").status_code == 403
    assert get("/metrics", "10.0.0.7", authorization="Bearer hunter2").status_code == 200
