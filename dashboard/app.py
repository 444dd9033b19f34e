"""The Streamlit main script: the navigation, the page, and its failures in plain words."""

import logging
import sys
from pathlib import Path

ROOT = str(Path(__file__).resolve().parent.parent)
if ROOT not in sys.path:
    sys.path.insert(0, ROOT)

import streamlit as st  # noqa: E402

from dashboard import navigation, states  # noqa: E402
from dashboard.access import ForbiddenError  # noqa: E402
from dashboard.cache import UnavailableError  # noqa: E402
from dashboard.sign_in import gate  # noqa: E402
from data import logs  # noqa: E402

SIDEBAR = 220  # pixels
LOG = logging.getLogger("dashboard")

MARK = str(Path(__file__).resolve().parent / "assets" / "mark.svg")
st.set_page_config(
    page_title="Subscription operations", page_icon=MARK, layout="wide", initial_sidebar_state=SIDEBAR
)
st.logo(MARK, size="large")
run = logs.request_id()
with logs.about(run=run):
    try:
        if gate.passed():
            page = navigation.build()
            gate.menu()
            with logs.about(page=page.url_path or "overview"):
                page.run()
    except UnavailableError as failure:
        states.unavailable(failure)
    except ForbiddenError as refusal:
        states.forbidden(refusal)
    except Exception:
        LOG.exception("The page could not be drawn")
        states.broken(run)
