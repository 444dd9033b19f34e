"""The elements of a page, noted while it is drawn and drawn again from what was noted.

What the app keeps in a finished form, a page of constants has in the form that one would write it: tables
are DataFrames, figures are built with graph_objects, and the pages of the menu are declared in each run.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from inspect import isfunction
from types import MethodType
from typing import Any, NamedTuple

import plotly.graph_objects as go
import pyarrow as pa
import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.navigation.page import Page

from dashboard.drawn import Drawn

PLAIN = ("navigation", "set_page_config", "logo")
"""What is called for the whole page and belongs to no container."""
Place = str | tuple[int, int]
"""main, sidebar, or the call that made the container and which of its containers it is."""


class Built(NamedTuple):
    """A figure's numbers, of which graph_objects make the figure in each run."""

    traces: list[tuple[type[Any], dict[str, Any]]]
    layout: dict[str, Any]

    def figure(self) -> go.Figure:
        """The figure, with the template that every figure has by default."""
        return go.Figure(data=[kind(**values) for kind, values in self.traces], layout=self.layout)


class Call(NamedTuple):
    """An element or container: the method of Streamlit, where it was called, with what."""

    name: str
    place: Place | None
    given: tuple[Any, ...]
    named: dict[str, Any]

    def with_numbers(self) -> "Call":
        """The same with Built in place of figures."""
        return self._replace(given=tuple(_numbers(each) for each in self.given))


class Declared(NamedTuple):
    """A page of the menu as it is declared: its file or function, and its words."""

    source: Any
    words: tuple[tuple[str, Any], ...]

    def page(self) -> Page:
        """The page, looked up anew."""
        return st.Page(self.source, **dict(self.words))


def _plain(value: Any) -> Any:
    """What is drawn, in the form of constants."""
    if isinstance(value, Page):
        words = {"title": value.title, "icon": value.icon or None, "visibility": value.visibility}
        words |= {"default": True} if value._default else {"url_path": value.url_path}
        return Declared(value._page, tuple(words.items()))
    if isinstance(value, Drawn):
        return go.Figure(value.to_dict())
    if isinstance(value, pa.Table):
        return value.to_pandas()
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list) else value


def _numbers(value: Any) -> Any:
    if not isinstance(value, go.Figure):
        return value
    plain = value.to_plotly_json()
    traces = []
    for trace, values in zip(value.data, plain["data"], strict=True):
        values.pop("type", None)
        traces.append((type(trace), values))
    plain["layout"].pop("template", None)
    return Built(traces, plain["layout"])


def _told(named: dict[str, Any]) -> dict[str, Any]:
    """Arguments whose options are already put in words."""
    options, told = named.get("options"), named.get("format_func")
    if options is None or told is None:
        return named
    words = {each: told(each) for each in options}
    return {**named, "format_func": words.__getitem__}


class _Notes:
    """Calls as they come; what Streamlit itself calls inside of one is part of it."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self._made: list[tuple[DeltaGenerator, Place]] = [(st._main, "main"), (st.sidebar, "sidebar")]
        self._inside = False

    def noting(self, name: str, original: Callable[..., Any], *, placed: bool) -> Callable[..., Any]:
        """The method with its call noted."""

        def noted(*given: Any, **named: Any) -> Any:
            if self._inside:
                return original(*given, **named)
            place = self._place(given[0]._active_dg) if placed else None
            self._inside = True
            try:
                result = original(*given, **named)
            finally:
                self._inside = False
            containers = enumerate(_containers(result))
            self._made += [(each, (len(self.calls), number)) for number, each in containers]
            plain = tuple(_plain(each) for each in (given[1:] if placed else given))
            self.calls.append(Call(name, place, plain, _told(named)))
            return result

        return noted

    def _place(self, container: DeltaGenerator) -> Place:
        return next((place for each, place in self._made if each is container), "main")


def _containers(result: Any) -> list[DeltaGenerator]:
    found = result if isinstance(result, list | tuple) else [result]
    return [each for each in found if isinstance(each, DeltaGenerator)]


@contextmanager
def recorded() -> Iterator[list[Call]]:
    """The calls of what is drawn meanwhile, in one session."""
    notes = _Notes()
    public = {name: getattr(DeltaGenerator, name) for name in dir(DeltaGenerator) if name[0] != "_"}
    before = {name: method for name, method in public.items() if isfunction(method)}
    plain = {name: getattr(st, name) for name in PLAIN}
    try:
        for name, original in before.items():
            _put(name, notes.noting(name, original, placed=True))
        for name, original in plain.items():
            setattr(st, name, notes.noting(name, original, placed=False))
        yield notes.calls
    finally:
        for name, original in before.items():
            _put(name, original)
        for name, original in plain.items():
            setattr(st, name, original)


def _put(name: str, method: Callable[..., Any]) -> None:
    """Replace a method, also where it stands bound as st.<name>."""
    setattr(DeltaGenerator, name, method)
    if isinstance(getattr(st, name, None), MethodType):
        setattr(st, name, getattr(st._main, name))


def redraw(calls: Sequence[Call]) -> None:
    """Draw what was noted: nothing is read, computed or put in words."""
    places: dict[Place, Any] = {"main": st._main, "sidebar": st.sidebar}
    pages: dict[Declared, Page] = {}
    for number, call in enumerate(calls):
        given = [_drawn(each, pages) for each in call.given]
        on = st if call.place is None else places[call.place]
        result = getattr(on, call.name)(*given, **call.named)
        for which, container in enumerate(_containers(result)):
            places[number, which] = container


def _drawn(value: Any, pages: dict[Declared, Page]) -> Any:
    """What is handed to Streamlit; pages are declared when they are first met."""
    if isinstance(value, Built):
        return value.figure()
    if isinstance(value, Declared):
        return pages[value] if value in pages else pages.setdefault(value, value.page())
    if isinstance(value, dict) and any(isinstance(each, list) for each in value.values()):
        return {name: [_drawn(each, pages) for each in some] for name, some in value.items()}
    return value
