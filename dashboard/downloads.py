"""Buttons that give files: made when they are asked for, and in the audit where they say who somebody is."""

import logging
from collections.abc import Callable, Sequence

import streamlit as st

from dashboard import access
from data import clock, handed_out
from data.config import settings
from data.handed_out import HandedOut
from data.writing import NotChangedError

LOG = logging.getLogger(__name__)
ICONS = {"csv": ":material/download:", "xlsx": ":material/table:", "ics": ":material/event:"}


def button(
    what: str,
    build: Callable[[], bytes],
    mime: str,
    name: str,
    columns: Sequence[str],
    *,
    rows: int | None = None,
    key: str | None = None,
    help: str | None = None,  # noqa: A002 - Streamlit's own name
) -> None:
    """A download of the named columns; nothing where the person may not download."""
    if not access.permitted("download"):
        return
    st.download_button(
        what,
        data=noted(build, HandedOut(access.person(), access.role(), name, columns, rows)),
        file_name=name,
        mime=mime,
        key=key or f"{name}_download",
        type="tertiary",
        icon=ICONS[name.rpartition(".")[2]],
        on_click="ignore",
        help=help,
    )


def noted(build: Callable[[], bytes], given: HandedOut) -> Callable[[], bytes]:
    """The same file, in the audit before it is made; who asks is known now, since it is made elsewhere."""

    def file() -> bytes:
        if handed_out.is_personal(given.columns):
            try:
                handed_out.note(settings().database_url.get_secret_value(), given, clock.now())
            except NotChangedError:
                LOG.warning("An export could not be written into the audit, so it was not made")
                raise
        return build()

    return file
