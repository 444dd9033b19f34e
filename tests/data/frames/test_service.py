"""Service that was invoiced and is still to come, against each line by itself."""

from datetime import timedelta
from fractions import Fraction
from random import Random
from typing import Any

from sqlalchemy import Engine, event

from dashboard.metrics.recognition import ahead, explained, recognised, with_left
from data import frames
from data.database import upsert
from data.money import half_up
from data.tables import mirror
from tests.data.frames.invoicing import closed, invoice
from tests.data.lives import day, row

AT = day("2026-06-15") + timedelta(hours=7)
INVOICES = (
    invoice("open", "2026-06-01", subtotal=10_000, tax=0),
    invoice("within", "2026-06-02", subtotal=10_000, tax=900),  # its tax is part of its lines' amounts
    invoice("taxed", "2026-06-03", subtotal=9_000, tax=1_000),
    closed("paid", "2026-01-02", "paid", "2026-01-05", currency="eur"),
    closed("off", "2026-02-02", "uncollectible", "2026-06-01"),
    closed("void", "2026-05-02", "void", "2026-05-09"),
    closed("later", "2026-05-02", "void", "2026-06-20"),  # after the instant
    invoice("new", "2026-06-16"),  # final after the instant
)
CREDIT_NOTES = (
    {"id": "cn_part", "invoice_id": "in_taxed", "total": 2_500, "created_at": day("2026-06-10")},
    {"id": "cn_whole", "invoice_id": "in_off", "total": 10_000, "created_at": day("2026-06-01")},
    {"id": "cn_after", "invoice_id": "in_open", "total": 9_999, "created_at": day("2026-06-16")},
    {
        "id": "cn_void", "invoice_id": "in_paid", "total": 5_000, "created_at": day("2026-03-01"),
        "voided_at": day("2026-03-02"),
    },
)  # fmt: skip
CREDITED = {"in_taxed": Fraction(1, 4), "in_off": Fraction(1)}
COUNTED = ("in_open", "in_within", "in_taxed", "in_paid", "in_off", "in_later")


def test_only_lines_of_service_that_goes_on_are_looked_at(engine: Engine) -> None:
    asked: list[tuple[str, Any]] = []
    event.listen(engine, "before_cursor_execute", lambda *given: asked.append(given[2:4]))
    frames.service_ahead(engine, AT)
    frames.service_lines(engine, AT)
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            for sql, given in asked[:]:
                plan = connection.exec_driver_sql(f"explain query plan {sql}", given).all()
                assert any("ix_invoice_line_until" in row.detail for row in plan), plan
    assert len(asked) >= 3


def test_the_sums_are_those_of_the_lines_one_by_one(engine: Engine) -> None:
    random = Random(3)
    lines = [
        {
            "id": f"il_{number}",
            "invoice_id": each["id"],
            "currency": each["currency"],
            "amount": random.randint(-5_000, 90_000),
            "tax": 77 if each["id"] != "in_open" else None,
            "discount_amounts": random.choice([None, [], [{"amount": random.randint(1, 400)}]]),
            "period_start": (start := day("2026-01-01") + timedelta(hours=random.randint(0, 5_000))),
            "period_end": start + timedelta(days=random.choice([0, 1, 30, 31, 365])),
        }
        for number, each in enumerate(INVOICES * 12)
    ]
    with engine.begin() as connection:
        upsert(connection, mirror.invoice, list(INVOICES))
        upsert(connection, mirror.invoice_line, [row(mirror.invoice_line, **each) for each in lines])
        upsert(connection, mirror.credit_note, [row(mirror.credit_note, **each) for each in CREDIT_NOTES])

    sums, each = frames.service_ahead(engine, AT), frames.service_lines(engine, AT)
    found = ahead(sums, AT.date())

    rest = dict.fromkeys(("usd", "eur"), 0)
    for line in lines:
        if line["invoice_id"] in COUNTED:
            off = sum(part["amount"] for part in line["discount_amounts"] or ())
            net = line["amount"] - off - (77 if line["invoice_id"] in ("in_within",) else 0)
            net -= half_up(net * CREDITED.get(line["invoice_id"], Fraction(0)))
            span = line["period_start"].date(), line["period_end"].date()
            rest[line["currency"]] += net - recognised(net, *span, AT.date())
    assert found.groupby("currency")["revenue"].sum().to_dict() == rest
    assert not found.groupby("currency")["deferred"].last().any()
    assert set(found["due_month"].str[:4]) <= {"2026", "2027"}
    sums, each = (with_left(rows, AT.date()) for rows in (sums, each))
    for currency, whole in rest.items():
        made = explained(sums, each, AT.date(), currency)
        assert made.figure == made.included["amount"].sum() == whole
        assert made.excluded.loc[made.excluded["currency"] != currency, "amount"].sum() == sum(
            other for code, other in rest.items() if code != currency
        )
    few = with_left(frames.service_lines(engine, AT, currencies=["usd"], limit=3), AT.date())
    made = explained(sums, few, AT.date(), "usd")
    assert made.figure == made.included["amount"].sum() == rest["usd"]
    assert made.included["rows"].tolist() == [1, 1, 1, sums.query("currency == 'usd'")["lines"].sum() - 3]
    assert "Taken off by credit notes." in set(made.excluded["reason"])
