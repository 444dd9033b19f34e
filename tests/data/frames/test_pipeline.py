"""Quotes as they stand, from what was typed, asked for and decided."""

from datetime import UTC, datetime, timedelta

import pandas as pd
from sqlalchemy import Engine, insert

from data import clock, frames
from data.database import upsert
from data.quotes import drafts as quotes
from data.quotes import states as quote_states
from data.quotes.states import Figures, Move
from data.tables import mirror
from data.tables.offers import quote_offer
from tests.data.lives import row

BY = ("ann@example.com", "sales")
WORTH = vars(Figures("eur", 120_000, 40_000, 40_000, 150_000, 120_000, 36))


def test_quotes_and_their_moves(engine: Engine) -> None:
    url = engine.url.render_as_string(hide_password=False)
    with engine.begin() as connection:
        upsert(connection, mirror.customer, [row(mirror.customer, id="cus_1", name="Initech")])
    before = frames.quotes_changed(engine)
    fields = {"customer_id": "cus_1", "currency": "usd", "expires_on": "2026-12-31", "plan": "enterprise"}
    first = quotes.create(url, fields, "Ann")
    second = quotes.create(url, {"prospect": "Hooli", "expires_on": "soon"}, "Bob")
    assert before != frames.quotes_changed(engine)
    at = clock.now() + timedelta(hours=1)
    quote_states.go(url, Move(first, "draft", "approved", 1, at, *BY, figures=WORTH))
    quote_states.go(url, Move(first, "approved", "sent", 1, at + timedelta(days=1), *BY))
    with engine.begin() as connection:
        ends = datetime(2027, 1, 5, tzinfo=UTC)
        told = {"id": "qt_1", "quote_id": first, "version": 1, "seal": "", "wanted": {}, "state": "open"}
        connection.execute(insert(quote_offer).values(**told, written_at=at, expires_at=ends))
    drafted, sent = frames.quote_pipeline(engine, frames.quotes_changed(engine)).to_dict("records")
    assert (sent["quote_id"], sent["state"], sent["owner"]) == (first, "sent", "Ann")
    assert (sent["name"], sent["currency"], sent["total"], sent["term"]) == ("Initech", "eur", 120_000, 36)
    assert (sent["since"], sent["expires_on"]) == (at + timedelta(days=1), pd.Timestamp("2027-01-04"))
    assert (sent["quote"], drafted["quote"]) == ("Q-1001", "Q-1002")
    assert sent["fields"] is None
    assert (drafted["quote_id"], drafted["name"], drafted["state"]) == (second, "Hooli", "draft")
    assert (drafted["since"], drafted["fields"]["prospect"]) == (drafted["created_at"], "Hooli")
    assert pd.isna(drafted["total"])
    assert pd.isna(drafted["expires_on"])
    moves = frames.quote_moves(engine)
    assert moves[["from_state", "to_state"]].to_numpy().tolist() == [
        ["draft", "approved"],
        ["approved", "sent"],
    ]
    before = frames.quotes_changed(engine)
    assert quotes.save(url, second, 1, {"prospect": "Hooli Inc"}, "Bob")
    assert before != frames.quotes_changed(engine), "an older instant than that of the last move"
