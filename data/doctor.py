"""Checks of the place where the app runs: each finding says what was found and what to do."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import SQLAlchemyError

from data.application import ApplicationError, check_mapping
from data.audit import first_broken
from data.clock import now
from data.config import Settings
from data.database import open_engine
from data.gateway import Forbidden, Gateway, GatewayError, NotFound
from data.key_rights import WRITES, rights
from data.migrations import NewerDatabaseError, pending
from data.resources import RESOURCES, Resource
from data.sources import application_mapping, first_line, open_gateway
from data.tables.actions import UNFINISHED, action

State = Literal["ok", "warning", "failed"]
MAX_SKEW = timedelta(minutes=5)


@dataclass(frozen=True)
class Finding:
    """One thing that was checked."""

    check: str
    state: State
    found: str
    remedy: str = ""


def findings(settings: Settings) -> Iterator[Finding]:
    """Every check in turn, the cheap ones first; no check raises."""
    yield _key(settings)
    yield from _databases(settings)
    yield _webhook_secrets(settings)
    gateway = open_gateway(settings)
    try:
        yield from _stripe(gateway, settings)
    finally:
        gateway.close()


def _key(settings: Settings) -> Finding:
    key = settings.stripe_api_key.get_secret_value() if settings.stripe_api_key else ""
    if key.startswith("sk_") and not settings.stripe_api_base:
        told = "a secret key, which may do everything at Stripe; every setting is well formed"
        return Finding(
            "settings", "warning", told, "make a restricted key: docs/threat-model.md says with what"
        )
    kind = "a live key" if settings.is_live else "a test key"
    where = settings.stripe_api_base or "Stripe"
    return Finding("settings", "ok", f"every setting is known and well formed; {kind} for {where}")


def _databases(settings: Settings) -> Iterator[Finding]:
    engine = open_engine(settings.database_url.get_secret_value())
    try:
        yield from _own_database(engine)
    finally:
        engine.dispose()
    yield _application_database(settings)


def _own_database(engine: Engine) -> Iterator[Finding]:
    name = engine.url.render_as_string(hide_password=True)
    try:
        with engine.connect() as connection:
            connection.execute(text("select 1"))
        missing = pending(engine)
    except NewerDatabaseError as error:
        yield Finding("migrations", "failed", str(error), "install the version of the app that made it")
        return
    except SQLAlchemyError as error:
        remedy = "check DATABASE_URL and that the server is up"
        yield Finding("database", "failed", f"{name}: {first_line(error)}", remedy)
        return
    yield Finding("database", "ok", f"{name} answers")
    if missing:
        yield Finding("migrations", "failed", f"{len(missing)} missing", "run: python -m dashboard migrate")
    else:
        yield Finding("migrations", "ok", "all applied")
        yield from _actions(engine)


def _actions(engine: Engine) -> Iterator[Finding]:
    """Whether the audit's chain holds, and whether every action came to an end."""
    with engine.connect() as connection:
        broken = first_broken(connection)
        count = select(func.count()).where(action.c.state.in_(UNFINISHED))
        unfinished = connection.scalar(count) or 0
    if broken is None:
        yield Finding("audit", "ok", "each entry follows from the one before")
    else:
        told = f"entry {broken} was changed, or one before it was taken out"
        yield Finding("audit", "failed", told, "compare with a backup: nothing in the app changes entries")
    if unfinished:
        yield Finding("actions", "warning", f"{unfinished} not finished", "run: python -m dashboard resume")


def _application_database(settings: Settings) -> Finding:
    check = "application database"
    if settings.application_database_url is None:
        remedy = "set APPLICATION_DATABASE_URL to see Free accounts, capacity and use"
        return Finding(check, "warning", "not set", remedy)
    engine = open_engine(settings.application_database_url.get_secret_value(), read_only=True)
    try:
        check_mapping(engine, application_mapping(settings))
    except ApplicationError as error:
        return Finding(check, "failed", str(error), "mend the setting that it names")
    finally:
        engine.dispose()
    return Finding(check, "ok", "answers, and every mapped column is there")


def _webhook_secrets(settings: Settings) -> Finding:
    check = "webhook secret"
    if settings.stripe_webhook_secrets is None:
        return Finding(
            check,
            "warning",
            "not set",
            "data arrives by sync alone; set STRIPE_WEBHOOK_SECRETS to get webhooks",
        )
    secrets = [part.strip() for part in settings.stripe_webhook_secrets.get_secret_value().split(",")]
    if not all(secret.startswith("whsec_") and len(secret) > len("whsec_") for secret in secrets):
        return Finding(
            check, "failed", "one does not begin with whsec_", "copy it from Stripe's webhook page"
        )
    return Finding(check, "ok", f"{len(secrets)} set")


def _stripe(gateway: Gateway, settings: Settings) -> Iterator[Finding]:
    for resource in RESOURCES.values():
        finding = _permission(gateway, resource)
        yield finding
        if finding.remedy == _CHECK_KEY:
            return  # nothing else will be answered either
    yield _may_change(gateway)
    yield _clock(gateway, settings)


def _may_change(gateway: Gateway) -> Finding:
    """What people can do from here, for comparison with what they are to do."""
    found = rights(gateway)
    told = [
        f"{words} {', '.join(names)}"
        for words, names in (
            ("may change", found.allowed),
            ("may not change", found.refused),
            ("not told of", found.unclear),
        )
        if names
    ]
    lost = list(dict.fromkeys(WRITES[name][1] for name in found.refused))
    remedy = f"refused until the key has write access: {'; '.join(lost)}" if lost else ""
    return Finding("write", "warning" if found.unclear else "ok", "; ".join(told), remedy)


_CHECK_KEY = "check STRIPE_API_KEY and STRIPE_API_BASE"


def _permission(gateway: Gateway, resource: Resource) -> Finding:
    check = f"read {resource.name}"
    try:
        gateway.page(resource.path, {"limit": 1})
    except Forbidden:
        remedy = f"give the key read access to {resource.name}; until then they are left out"
        return Finding(check, "failed", "the key may not read them", remedy)
    except NotFound:
        return Finding(check, "warning", "the server does not know them", "they are left out")
    except GatewayError as error:
        return Finding(check, "failed", str(error), _CHECK_KEY)
    return Finding(check, "ok", "allowed")


def _clock(gateway: Gateway, settings: Settings) -> Finding:
    try:
        page = gateway.page(RESOURCES["products"].path, {"limit": 1})
    except GatewayError as error:
        return Finding("clock", "warning", f"not compared: {error}", _CHECK_KEY)
    skew = page.server_time - now()
    if abs(skew) <= MAX_SKEW:
        return Finding("clock", "ok", f"within {int(abs(skew).total_seconds()) + 1} s of the server's")
    if settings.stripe_api_base:
        return Finding("clock", "warning", f"the server's clock says {page.server_time:%Y-%m-%d %H:%M} UTC")
    return Finding("clock", "failed", f"{skew} away from Stripe's", "set this machine's clock (NTP)")
