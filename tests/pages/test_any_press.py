"""Whatever is typed and uploaded, and whatever is pressed then, in pages and in dialogs: it is answered."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from data import config
from data.database import open_engine
from data.tables import mirror
from tests import hostile
from tests.pages.business import fill_for_filters
from tests.pages.conftest import ROOT
from tests.pages.test_any_address import PAGES, obeyed

FILES = [b"", b"\x00\xff\xfe", b"date,from,to,rate\n=1+1,\xe2\x80\xae,usd,1e400\n", hostile.LARGE.encode()]
FILES += [f"date,from,to,rate\n2026-10-31,eur,usd,{text}\n".encode() for text in hostile.TEXTS[:6]]


@dataclass(repr=False)
class Served:
    """The app, which is too long to be printed, and a customer."""

    app: AppTest
    customer: str


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The app on a business full of hostile words, as an administrator who may press everything, and one of
    its customers. Stripe is out of reach, which every button may say.
    """
    url = f"sqlite:///{tmp_path_factory.mktemp('press') / 'dashboard.db'}"
    fill_for_filters(url, hostile=True)
    engine = open_engine(url, read_only=True)
    with engine.connect() as connection:
        customer = connection.scalar(select(mirror.customer.c.id).order_by(mirror.customer.c.id).limit(1))
    engine.dispose()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", url)
        patch.setenv("STRIPE_API_KEY", "sk_test_sandbox")
        patch.setenv("STRIPE_API_BASE", "http://127.0.0.1:9")
        config.use(None)
        app = AppTest.from_file(str(ROOT / "dashboard" / "app.py"), default_timeout=60).run()
        yield Served(app, str(customer))
    config.use(None)


def fill_in(app: AppTest, typed: str, file: bytes, number: float) -> None:
    """Put something into every field that there is."""
    for field in [*app.text_input, *app.text_area]:
        if not field.disabled:
            field.set_value(typed[:2000])
    for amount in app.number_input:
        if not amount.disabled:
            least, most = amount.min, amount.max
            raised = number if least is None else max(number, least)
            amount.set_value(raised if most is None else min(raised, most))
    for upload in app.file_uploader:
        kind = upload.allowed_type[0] if upload.allowed_type else ".csv"  # Streamlit refuses others itself,
        name = typed[:80].replace("\0", "")  # and names with a NUL, which no browser sends
        upload.set_value((f"{name}{kind}", file, "text/plain"))


def press(app: AppTest, which: int) -> None:
    """Press one of the buttons and menus that can be pressed."""
    there: list[Any] = [each for each in [*app.button, *app.menu_button] if not each.proto.disabled]
    if not there:
        return
    chosen = there[which % len(there)]
    if chosen.type == "menu_button":
        chosen.click_index(which % len(chosen.options))
    else:
        chosen.click()


# What fails is shown as it is: to make it smaller would take minutes of pressing.
@settings(
    max_examples=10,
    phases=[Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    page=st.sampled_from([*PAGES, "customer", "customer", "quote", "exchange_rates", "addons"]),
    typed=st.sampled_from(hostile.TEXTS),
    file=st.sampled_from(FILES),
    number=st.sampled_from([0.0, 1.0, 7.0, 1e9]),
    presses=st.lists(st.integers(0, 400), min_size=1, max_size=3),
)
def test_whatever_is_filled_in_and_pressed_is_answered(
    served: Served, page: str, typed: str, file: bytes, number: float, presses: list[int]
) -> None:
    app, customer = served.app, served.customer
    app.switch_page(str(ROOT / "pages" / f"{page}.py"))
    app.query_params.clear()
    if page == "customer":
        app.query_params["id"] = customer
    app.run()
    for which in presses:
        fill_in(app, typed, file, number)
        press(app, which)
        app.run()
        assert not app.exception
        assert list(obeyed(app)) == []
