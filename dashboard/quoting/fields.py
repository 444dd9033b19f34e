"""Fields of a quote on the page: their widgets in rows, and beneath them what is wrong."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import streamlit as st

from dashboard import formatting
from dashboard.quoting.state import Editing

Part = tuple[Any, ...]
"""A field in a row: the function that draws it, its name, its label, and more arguments where there are."""


def text(editing: Editing, name: str, label: str, *, most: int = 200, **more: Any) -> None:
    """A line of text."""
    st.text_input(label, max_chars=most, **_of(editing, name, str(editing.value(name) or "")), **more)


def long(editing: Editing, name: str, label: str, **more: Any) -> None:
    """A text of several lines."""
    of = _of(editing, name, str(editing.value(name) or ""))
    st.text_area(label, max_chars=5_000, height=100, **of, **more)


def whole(editing: Editing, name: str, label: str, **more: Any) -> None:
    """A whole number, or nothing."""
    value = editing.value(name)
    of = _of(editing, name, value if isinstance(value, int) else None)
    st.number_input(label, step=1, value=None, **of, **more)


def day(editing: Editing, name: str, label: str, **more: Any) -> None:
    """A day, or none."""
    try:
        value = date.fromisoformat(str(editing.value(name)))
    except ValueError:
        value = None
    st.date_input(
        label, value=None, format="YYYY-MM-DD", min_value=date.min, max_value=date.max,
        **_of(editing, name, value), **more,  # without the bounds Streamlit drops what is ten years off
    )  # fmt: skip


def pick(editing: Editing, name: str, label: str, options: Mapping[str, str], **more: Any) -> None:
    """One of some options by key; a kept one that is no longer offered stays, and is named as it is."""
    value = editing.value(name)
    keys = list(options) if value in options or value is None else [*options, str(value)]
    of = _of(editing, name, value)
    st.selectbox(label, keys, index=None, format_func=lambda key: options.get(key, key), **of, **more)


def many(editing: Editing, name: str, label: str, options: Mapping[str, str], **more: Any) -> None:
    """Any number of options, by key."""
    chosen = [str(each) for each in editing.value(name) or []]
    keys = [*options, *(key for key in chosen if key not in options)]
    of = _of(editing, name, chosen)
    st.multiselect(label, keys, format_func=lambda key: options.get(key, key), **of, **more)


def broken(editing: Editing, *names: str) -> None:
    """What is wrong at some fields."""
    for told in editing.reading.of(*names):
        st.caption(f":red[:material/error: {formatting.markdown(told)}]")


def row(editing: Editing, *parts: Part | None) -> None:
    """Fields side by side, None an empty place, and what is wrong with them beneath."""
    for column, part in zip(st.columns(len(parts), gap="small"), parts, strict=True):
        with column:
            if part:
                field, name, label, *given = part
                field(editing, name, label, **(given[0] if given else {}))
    broken(editing, *(part[1] for part in parts if part))


def _of(editing: Editing, name: str, value: Any) -> dict[str, Any]:
    """What every widget is given, and what it holds when it is drawn for the first time.

    `persist_state` makes Streamlit tell a browser that has no such widget what it holds: else, after a run
    that was cut short, it would be drawn empty there, and be taken for emptied.
    """
    has_it = editing.draw(name)
    st.session_state.setdefault(editing.key(name), value)
    persists = None if has_it else "session"
    return {"key": editing.key(name), "disabled": not editing.may, "persist_state": persists}
