"""The log: whatever goes wrong, no line of it holds a secret or a person."""

import io
import logging
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
from sqlalchemy import Engine, insert, text
from sqlalchemy.exc import SQLAlchemyError

from data import logs
from data.config import Settings, load
from data.gateway import Gateway, GatewayError
from data.tables import mirror
from tests import hostile

KEY = "rk_test_51AbCdEfGh"
PASSWORD = "p@ss/wörd"
COOKIE = "0123456789abcdef0123456789abcdef"
SECRETS = (KEY, "whsec_first", "whsec_second", PASSWORD, "p%40ss%2Fw%C3%B6rd", COOKIE, "metrics-token")


@pytest.fixture(scope="module")
def chosen() -> Settings:
    return load(
        stripe_api_key=KEY,
        stripe_webhook_secrets="whsec_first, whsec_second",
        database_url="postgresql://ops:p%40ss%2Fw%C3%B6rd@127.0.0.1:9/nowhere",
        application_database_url="postgresql://reader:other-word@127.0.0.1:9/app",
        metrics_token="metrics-token",
        oidc_issuer="https://login.example.com",
        oidc_client_id="ops",
        oidc_client_secret="client-secret",
        oidc_cookie_secret=COOKIE,
        public_url="https://ops.example.com",
    )


@pytest.fixture(params=[True, False], ids=["json", "text"])
def log(request: pytest.FixtureRequest, chosen: Settings) -> Iterator[tuple[logging.Logger, io.StringIO]]:
    """A logger that writes as the process would, and what it wrote."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logs.Lines(logs.Mask(logs.secrets_of(chosen)), as_json=request.param))
    logger = logging.getLogger("data.test_logs")
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    yield logger, written
    logger.removeHandler(handler)


def test_secrets_and_people_stay_out_of_every_line(
    log: tuple[logging.Logger, io.StringIO], chosen: Settings
) -> None:
    logger, written = log
    stripe_key, url = KEY, chosen.database_url.get_secret_value()  # in the frame's locals, too
    try:
        raise RuntimeError(f"{stripe_key} {url} Bearer abc.def-123 ann@example.com pi_1_secret_abcdefgh")
    except RuntimeError:
        logger.exception("with %s and %s", COOKIE, {"password": "hunter22"}, extra={"given": "whsec_second"})
    logger.warning("%s", chosen)
    logger.warning("https://user:letmein@example.com/x?token=abcdef eyJhbGciOi.eyJzdWIi.c2ln")
    logger.info("GET /offer/%s/order-form.pdf", "-tokenOfALinkToAQuote_".ljust(43, "x"))
    told = written.getvalue()
    for secret in (
        *SECRETS,
        "hunter22",
        "letmein",
        "ann@example.com",
        "abcdefgh",
        "c2ln",
        "other-word",
        "tokenOf",
    ):
        assert secret not in told
    assert "RuntimeError" in told
    assert logs.HIDDEN in told


def test_errors_of_databases_name_nobody(engine: Engine, log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, written = log
    row = {"id": "cus_1", "name": "Jane Doe", "email": "jane@example.com", "observed_at": datetime.now(UTC)}
    for statement in (insert(mirror.customer), text("select * from nothing where x = :name")):
        try:
            with engine.begin() as connection:
                connection.execute(statement, [row, row])
        except SQLAlchemyError:
            logger.exception("It failed")
    assert written.getvalue().count("It failed") == 2
    assert "Jane" not in written.getvalue()
    assert "jane@" not in written.getvalue()


def test_a_key_that_stripe_repeats_is_not_logged(log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, written = log
    try:
        with Gateway(KEY, "http://127.0.0.1:9", attempts=1) as gateway:
            gateway.get("/v1/customers/cus_1")
    except GatewayError:
        logger.exception("No answer")
    assert "cannot be reached" in written.getvalue()
    assert KEY not in written.getvalue()


def test_each_entry_is_one_line_whatever_is_in_it(chosen: Settings) -> None:
    mask = logs.Mask(logs.secrets_of(chosen))
    for as_json in (True, False):
        lines = logs.Lines(mask, as_json=as_json)
        for given in (*hostile.TEXTS, "\ud800"):
            record = logging.makeLogRecord({"name": "x", "levelname": "INFO", "msg": "%s", "args": (given,)})
            record.given = given
            line = lines.format(record)
            assert len(line.splitlines()) == 1
            assert line.isprintable()
            if as_json:
                assert orjson.loads(line)["logger"] == "x"


def test_what_an_entry_belongs_to_is_in_it() -> None:
    lines = logs.Lines(logs.Mask(), as_json=True)
    record = logging.makeLogRecord({"name": "x", "levelname": "INFO", "msg": "done", "objects": 3})
    with logs.about(request="req12345"), logs.about(page="churn"):
        inside = orjson.loads(lines.format(record))
    outside = orjson.loads(lines.format(record))
    assert {"request": "req12345", "page": "churn", "objects": 3}.items() <= inside.items()
    assert "request" not in outside
    assert outside["at"].endswith("+00:00")


def test_what_nobody_caught_is_masked_too(tmp_path: Path) -> None:
    """A process of its own: an error in a thread, then one that ends it."""
    import subprocess

    program = (
        "import threading\n"
        "from data import config, logs\n"
        "logs.set_up(config.load())\n"
        "def fail(): raise ValueError('thread ' + config.load().stripe_api_key.get_secret_value())\n"
        "worker = threading.Thread(target=fail); worker.start(); worker.join()\n"
        "fail()\n"
    )
    settings = {"STRIPE_API_KEY": KEY, "LOG_FORMAT": "json", "VAR_FOLDER": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", program], env=settings, capture_output=True, text=True)
    lines = [orjson.loads(line) for line in done.stderr.splitlines()]
    assert [line["level"] for line in lines] == ["critical", "critical"]
    assert all("ValueError" in line["trace"] for line in lines)
    assert KEY not in done.stderr
    assert done.returncode == 1
