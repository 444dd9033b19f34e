"""Pages of a list that is walked along an index: where each begins is known only from the one before."""

from collections.abc import Mapping
from typing import Any

import streamlit as st


class Pager:
    """Which page of a list a person is on; another search begins at the first page again."""

    def __init__(self, name: str, asked: Mapping[str, Any]) -> None:
        self._key = f"_{name}_pages"
        kept = st.session_state.get(self._key)
        if kept is None or kept[0] != repr(asked):
            kept = st.session_state[self._key] = (repr(asked), [])
        self._places: list[str] = kept[1]

    @property
    def page(self) -> int:
        """How many pages lie before this one."""
        return len(self._places)

    @property
    def after(self) -> str:
        """The place of the last row before this page; empty on the first."""
        return self._places[-1] if self._places else ""

    def buttons(self, last: str | None) -> None:
        """The ways to the page before and the next; last is this page's last place, None: no page follows."""
        with st.container(horizontal=True, gap="small"):
            st.button(
                "Back",
                key=f"{self._key}_back",
                icon=":material/chevron_left:",
                disabled=not self._places,
                on_click=self._back,
            )
            st.button(
                "Next",
                key=f"{self._key}_next",
                icon=":material/chevron_right:",
                disabled=last is None,
                on_click=self._on,
                args=(last,),
            )

    def _back(self) -> None:
        if self._places:
            self._places.pop()

    def _on(self, last: str | None) -> None:
        if last is not None:
            self._places.append(last)
