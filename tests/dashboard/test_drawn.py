"""A figure as it is sent to the browser."""

import json

import numpy as np
import plotly.graph_objects as go
from streamlit.testing.v1 import AppTest

from dashboard.drawn import drawn


def figure() -> go.Figure:
    """Two traces, one of an array that plotly packs."""
    bars = go.Bar(x=["Oct", "Nov"], y=np.array([1.5, 2.0]), customdata=[[0], [1]], name="MRR <k")
    return go.Figure([bars, go.Scatter(x=["Oct"], y=[3])], layout={"height": 340})


def charts() -> None:
    """A page with the figure as it is and as it is kept."""
    import streamlit as st

    from dashboard.drawn import drawn
    from tests.dashboard.test_drawn import figure

    st.plotly_chart(figure(), key="plain")
    st.plotly_chart(drawn(figure()), key="drawn")


def test_the_browser_gets_the_same() -> None:
    plain, kept = AppTest.from_function(charts).run().get("plotly_chart")
    assert json.loads(kept.proto.spec) == json.loads(plain.proto.spec)


def test_a_figure_is_finished_once_and_drawing_it_changes_nothing() -> None:
    made = figure()
    kept = drawn(made)
    before = json.dumps(kept.to_dict())
    AppTest.from_function(charts).run()
    assert drawn(made) is kept
    assert json.dumps(kept.to_dict()) == before == json.dumps(json.loads(made.to_json()))
