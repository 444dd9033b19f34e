"""Which page signing in leads back to."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from dashboard.sign_in.return_to import COOKIE, ReturnTo
from tests.asking import asked


async def _home(request: Request) -> Response:
    return PlainTextResponse("home")


async def _login(request: Request) -> Response:
    return RedirectResponse("https://login.example.com", status_code=302)


APP = Starlette(routes=[Route("/", _home), Route("/auth/login", _login)])
APP.add_middleware(ReturnTo)


def answer(path: str, referer: str = "", cookie: str = "") -> httpx.Response:
    """What the app answers to a browser that came from a page and holds a cookie."""

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(APP), base_url="http://ops") as client:
            given = {"referer": referer, "cookie": f"{COOKIE}={cookie}" if cookie else ""}
            return await client.get(path, headers={name: value for name, value in given.items() if value})

    return asked(ask)


def kept(referer: str) -> str | None:
    return answer("/auth/login", referer).cookies.get(COOKIE)


def test_the_page_that_asked_is_where_one_goes_on() -> None:
    cookie = kept("http://ops/renewals?plan=Business&q=M%C3%BCller")
    assert cookie
    back = answer("/", cookie=cookie)
    assert (back.status_code, back.headers["location"]) == (302, "/renewals?plan=Business&q=M%C3%BCller")
    assert "Max-Age=0" in back.headers["set-cookie"]
    assert answer("/?plan=Free", cookie=cookie).text == "home"


@pytest.mark.parametrize(
    "referer",
    ["", "http://ops/", "https://elsewhere.example/renewals", "http://ops:81/x", "nonsense"],
)
def test_no_other_page_is_remembered(referer: str) -> None:
    assert kept(referer) is None


@pytest.mark.parametrize(
    "value",
    ["//elsewhere.example", "/%5Celsewhere.example", "https://elsewhere.example", "/a%0d%0aX: y", "%00"],
)
def test_a_cookie_that_somebody_made_leads_nowhere_else(value: str) -> None:
    assert answer("/", cookie=value).text == "home"
