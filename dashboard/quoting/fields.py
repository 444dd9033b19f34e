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
    _first(editing, name, str(editing.value(name) or ""))
    st.text_input(label, key=editing.key(name), disabled=not editing.may, max_chars=most, **more)


def long(editing: Editing, name: str, label: str, **more: Any) -> None:
    """A text of several lines."""
    _first(editing, name, str(editing.value(name) or ""))
    st.text_area(label, key=editing.key(name), disabled=not editing.may, max_chars=5_000, height=100, **more)


def whole(editing: Editing, name: str, label: str, **more: Any) -> None:
    """A whole number, or nothing."""
    value = editing.value(name)
    _first(editing, name, value if isinstance(value, int) else None)
    st.number_input(label, key=editing.key(name), disabled=not editing.may, step=1, value=None, **more)


def day(editing: Editing, name: str, label: str, **more: Any) -> None:
    """A day, or none."""
    try:
        value = date.fromisoformat(str(editing.value(name)))
    except ValueError:
        value = None
    _first(editing, name, value)
    st.date_input(
        label, key=editing.key(name), disabled=not editing.may, value=None, format="YYYY-MM-DD",
        min_value=date.min, max_value=date.max, **more,  # else Streamlit drops what is ten years off
    )  # fmt: skip


def pick(editing: Editing, name: str, label: str, options: Mapping[str, str], **more: Any) -> None:
    """One of some options by key; a kept one that is no longer offered stays, and is named as it is."""
    value = editing.value(name)
    keys = list(options) if value in options or value is None else [*options, str(value)]
    _first(editing, name, value)
    st.selectbox(
        label, keys, key=editing.key(name), index=None, disabled=not editing.may,
        format_func=lambda key: options.get(key, key), **more,
    )  # fmt: skip


def many(editing: Editing, name: str, label: str, options: Mapping[str, str], **more: Any) -> None:
    """Any number of options, by key."""
    chosen = [str(each) for each in editing.value(name) or []]
    keys = [*options, *(key for key in chosen if key not in options)]
    _first(editing, name, chosen)
    st.multiselect(
        label, keys, key=editing.key(name), disabled=not editing.may,
        format_func=lambda key: options.get(key, key), **more,
    )  # fmt: skip


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


def _first(editing: Editing, name: str, value: Any) -> None:
    """What the widget holds when it is drawn for the first time."""
    st.session_state.setdefault(editing.key(name), value)
