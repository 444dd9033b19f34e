"""Deep links survive sign-in: the provider sends everybody back to "/", and from there they go on."""

from urllib.parse import quote, unquote, urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "return_to"
SECONDS = 600  # how long signing in may take
LONGEST = 2000  # letters of an address


class ReturnTo:
    """Remembers in a cookie which page asked to sign in, and leads there when sign-in is done."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer "/" after sign-in with the page, add the cookie on the way to it, and else stand aside."""
        if scope["type"] != "http" or scope["path"] not in ("/", "/auth/login"):
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        if scope["path"] == "/auth/login":
            await self.app(scope, receive, _with_cookie(send, _page(request), request.url.scheme == "https"))
        elif (wanted := _local(unquote(request.cookies.get(COOKIE, "")))) and not request.url.query:
            answer = RedirectResponse(wanted, status_code=302)
            answer.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax")
            await answer(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def _page(request: Request) -> str:
    """The path and query of the page that led here; empty when it was not one of ours."""
    came = urlsplit(request.headers.get("referer", ""))
    if came.netloc != request.headers.get("host") or came.path in ("", "/"):
        return ""
    return _local(f"{came.path}?{came.query}" if came.query else came.path)


def _local(address: str) -> str:
    """An address within the app, or nothing: never a way to somebody else's."""
    fine = address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
    return address if fine and address.isascii() and len(address) <= LONGEST else ""


def _with_cookie(send: Send, page: str, secure: bool) -> Send:
    async def answered(message: Message) -> None:
        if page and message["type"] == "http.response.start":
            flags = "; Secure" if secure else ""
            cookie = f"{COOKIE}={quote(page)}; HttpOnly; Path=/; Max-Age={SECONDS}; SameSite=lax{flags}"
            MutableHeaders(scope=message).append("set-cookie", cookie)
        await send(message)

    return answered
