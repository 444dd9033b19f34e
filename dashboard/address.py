"""What is chosen on a page lives in its address and nowhere else: a link, Back and the menu all keep it.

A widget that is bound here takes its value from the address before it is drawn, and writes it there when a
person changes it. Case does not matter, and what the address asks for in vain is ignored and named.
"""

from collections.abc import Callable, Collection, Hashable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeVar

import streamlit as st
from streamlit.errors import StreamlitAPIException
from streamlit.runtime.scriptrunner import get_script_run_ctx

T = TypeVar("T", bound=Hashable)
Address = dict[str, list[str]]
MOST = 200  # letters of a text in the address
IGNORED = "_ignored"
WRITTEN = "_address"


@dataclass
class Written:
    """The address of a page as it was last seen or written here, and those that were overwritten since."""

    page: str
    address: Address
    before: list[Address] = field(default_factory=list)
    is_ours: bool = False  # written here just now, so that it says nothing of what the browser knows

    def put(self, address: Address) -> None:
        """Write an address, in one step of the browser's history where no widget of Streamlit's own binding
        holds a part of it; that part stays what the widget says.
        """
        try:
            st.query_params.from_dict(address)
        except StreamlitAPIException:
            _put_singly(address)
        self.address, self.is_ours = now(), True


def _put_singly(address: Address) -> None:
    given = now()
    for key in sorted(given.keys() | address.keys()):
        if given.get(key) == address.get(key):
            continue
        with suppress(StreamlitAPIException):
            if key in address:
                st.query_params[key] = address[key]
            else:
                del st.query_params[key]


def settle(shared: Collection[str] = ()) -> None:
    """Take a browser for behind that tells an address which was overwritten since, and go on from the newest.

    A browser tells its address with each click. One that comes before the answer to the click before tells
    the address without that one's choice. Back and Forward are meant, though they tell an old address too.
    shared: the keys that a link to another page carries.
    """
    run, given = get_script_run_ctx(), now()
    page, is_back = (run.page_script_hash, run.is_history_navigation) if run else ("", False)
    last: Written | None = st.session_state.get(WRITTEN)
    if last and page != last.page:
        before = [_only(each, shared) for each in last.before]
        last = Written(page, _only(last.address, shared), before)
    if last is None or is_back or (given != last.address and given not in last.before):
        last = Written(page, given)
    elif given != last.address:
        last.put(last.address)
    elif not last.is_ours and given not in last.before:
        last.before = []
    else:
        last.is_ours = False
    st.session_state[WRITTEN] = last


def one(key: str, options: Sequence[T], told: Callable[[T], str] = str, default: T | None = None) -> Any:
    """The arguments that bind a widget with one value; the default, or the first option, is not written."""
    usual = options[0] if default is None and options else default
    found = _found(key, options, told)
    st.session_state[key] = found[-1] if found else usual
    return {"key": key, "on_change": _write, "args": (key, told, usual)}


def many(key: str, options: Sequence[T], told: Callable[[T], str] = str) -> Any:
    """The arguments that bind a widget with any number of values; none is not written."""
    st.session_state[key] = _found(key, options, told)
    return {"key": key, "on_change": _write, "args": (key, told, None)}


def text(key: str) -> Any:
    """The arguments that bind a text input."""
    st.session_state[key] = "".join(st.query_params.get_all(key)[-1:])[:MOST]
    return {"key": key, "on_change": _write, "args": (key, str, "")}


def asked(key: str, options: Sequence[T], told: Callable[[T], str] = str) -> list[T]:
    """Which of the options the address names, in their own order."""
    given = {_folded(text) for text in st.query_params.get_all(key)}
    return [option for option in options if given & {_folded(told(option)), _folded(str(option))}]


def write(**chosen: str | Sequence[str]) -> None:
    """Put values into the address, all in one step; an empty one takes its key out."""
    settle()
    written: Written = st.session_state[WRITTEN]
    values = {key: [value] if isinstance(value, str) else [*value] for key, value in chosen.items() if value}
    address = {key: given for key, given in written.address.items() if key not in chosen} | values
    if address != written.address:
        written.before.append(written.address)
        written.put(address)


def _only(address: Address, keys: Collection[str]) -> Address:
    return {key: values for key, values in address.items() if key in keys}


def now() -> Address:
    """All that the address asks for, to be handed on to another page."""
    return {key: st.query_params.get_all(key) for key in st.query_params}


def leave_out(key: str) -> None:
    """Take what was asked for in vain out of the address, and remember it as ignored."""
    vain = [text[:40] for text in st.query_params.get_all(key) if text.strip()]
    st.session_state[IGNORED] = [*st.session_state.get(IGNORED, []), *vain]
    write(**{key: ""})


def ignored() -> list[str]:
    """What the address asked for in vain since this was last asked."""
    return list(st.session_state.pop(IGNORED, []))


def on_phone() -> bool:
    """Whether the browser says that it is a phone's: the server knows no width."""
    return "Mobi" in (st.context.headers.get("User-Agent") or "")


def _found(key: str, options: Sequence[T], told: Callable[[T], str]) -> list[T]:
    """What the address asks for; the rest is taken out of it, and remembered as ignored."""
    found = asked(key, options, told)
    known = {_folded(text) for option in options for text in (told(option), str(option))}
    given = st.query_params.get_all(key)
    kept = [text for text in given if _folded(text) in known]
    if len(kept) < len(given):
        vain = [text[:40] for text in given if text.strip() and text not in kept]
        st.session_state[IGNORED] = [*st.session_state.get(IGNORED, []), *vain]
        write(**{key: kept})
    return found


@lru_cache(maxsize=4096)
def _folded(text: str) -> str:
    return " ".join(text.casefold().replace("-", " ").replace("_", " ").split())


def _write(key: str, told: Callable[[Any], str], usual: Any) -> None:
    value = st.session_state[key]
    values = value if isinstance(value, list | tuple) else [value]
    write(**{key: [] if value == usual else [told(each) for each in values if each is not None]})
