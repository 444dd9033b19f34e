"""A figure in the form that Streamlit sends to the browser, copied once instead of in each run."""

import json
from typing import Any

import plotly.graph_objects as go
from plotly.basedatatypes import BaseFigure

from dashboard.store import finished


class Drawn(BaseFigure):  # type: ignore[misc]
    """A figure that will not change: what plotly makes of it is at hand.

    st.plotly_chart asks a figure for its dict, a deep copy with the whole template in it, which takes longer
    than all else of a chart. It neither changes what it gets nor asks for more.
    """

    def __init__(self, figure: go.Figure) -> None:
        """figure: a graph_objects figure; nothing of BaseFigure's own state is set up."""
        object.__setattr__(self, "_plain", json.loads(figure.to_json(validate=False)))

    def to_dict(self) -> dict[str, Any]:
        """data and layout of plain lists and numbers, shared."""
        plain: dict[str, Any] = self._plain
        return plain

    def __repr__(self) -> str:
        return f"Drawn({len(self._plain['data'])} traces)"


def drawn(figure: go.Figure) -> Drawn:
    """The figure as it is sent, made once for the same figure."""
    return finished(figure, "drawn", lambda: Drawn(figure))
