"""Every request has a name, in its answer and in the log, and nothing of its query."""

import logging

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from dashboard.request_log import NAME, RequestLog
from data import logs
from tests.asking import asked


async def page(request: Request) -> PlainTextResponse:
    logging.getLogger("dashboard").warning("inside")
    if request.url.path == "/broken":
        raise RuntimeError("no")
    return PlainTextResponse("fine")


def answered(path: str, name: str | None = None) -> httpx.Response:
    app = RequestLog(Starlette(routes=[Route("/{rest:path}", page)]))

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://ops") as client:
            return await client.get(path, headers={NAME: name} if name else {})

    return asked(ask)


@pytest.mark.parametrize("given", [None, "proxy-0001", "x" * 65, 'a" injected'])
def test_a_request_keeps_a_harmless_name(given: str | None) -> None:
    name = answered("/somewhere", given).headers[NAME]
    assert (name == given) is (given == "proxy-0001")
    assert name.replace("-", "").isalnum()


def test_what_is_logged_meanwhile_belongs_to_it(caplog: pytest.LogCaptureFixture) -> None:
    lines: list[str] = []

    class Keeping(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(logs.Lines(logs.Mask(), as_json=False).format(record))

    caplog.set_level(logging.DEBUG, "dashboard")
    keeping = Keeping()
    logging.getLogger().addHandler(keeping)
    try:
        fine = answered("/somewhere?search=jane@example.com").headers[NAME]
        assert answered("/broken").status_code == 500
    finally:
        logging.getLogger().removeHandler(keeping)
    inside, told, _, broken = [line for line in lines if " dashboard" in line]
    assert f"request={fine}" in inside
    assert "GET /somewhere status=200" in told.replace(f" request={fine}", "")
    assert "ERROR" in broken
    assert not any("jane" in line for line in lines)
