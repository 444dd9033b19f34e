"""The process: Streamlit's pages, probes, webhooks and what is done beside them, in one."""

import gc
import logging
import socket
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st
import streamlit.logger
import uvicorn
from starlette.middleware import Middleware

from dashboard import offer_links, probes, webhooks
from dashboard.headers import Headers
from dashboard.request_log import RequestLog
from dashboard.sign_in.return_to import ReturnTo
from data import logs
from data.config import settings

SCRIPT = Path(__file__).resolve().parent / "app.py"
Loop = Callable[[threading.Event, threading.Event], None]
"""Work beside the pages: ends soon after the first event is set, and has something to do at the second."""


def create_app(loop: Loop | None = None) -> st.App:
    """The pages and routes as one ASGI application; `loop` runs in a thread from start-up to shut-down."""
    bell = threading.Event()

    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[dict[str, Any]]:
        stop = threading.Event()
        worker = threading.Thread(target=loop, args=(stop, bell), name="sync", daemon=True) if loop else None
        if worker:
            worker.start()
        _speak_through_our_log()
        gc.collect()
        gc.freeze()  # what start-up made lives as long as the process: later collections skip it
        yield {}
        stop.set()
        bell.set()
        if worker:
            worker.join(timeout=5)

    return st.App(
        SCRIPT,
        lifespan=lifespan,
        routes=[*probes.ROUTES, webhooks.route(bell.set), *offer_links.routes()],
        middleware=[Middleware(RequestLog), Middleware(Headers), Middleware(ReturnTo)],
        secrets=settings().streamlit_auth() or None,
    )


def _speak_through_our_log() -> None:
    """Streamlit gives its loggers and uvicorn's a handler that masks nothing, each when it is made."""
    streamlit.logger.setup_formatter = lambda logger: logs.adopt([logger.name])
    logs.adopt(streamlit.logger._loggers)
    for name in ("uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).setLevel(logging.WARNING)


def serve(listener: socket.socket, loop: Loop | None = None) -> None:
    """Answer on the socket until SIGINT or SIGTERM."""
    config = uvicorn.Config(
        create_app(loop),
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=2,
        ws_max_size=64 * 2**20,
    )
    uvicorn.Server(config).run(sockets=[listener])
