"""Service that was invoiced and is still to come, against each line by itself."""

from datetime import timedelta
from random import Random

from sqlalchemy import Engine

from dashboard.metrics.recognition import ahead, recognised
from data import frames
from data.database import upsert
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
COUNTED = ("in_open", "in_within", "in_taxed", "in_paid", "in_off", "in_later")


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

    found = ahead(frames.service_ahead(engine, AT), AT.date())

    rest = dict.fromkeys(("usd", "eur"), 0)
    for line in lines:
        if line["invoice_id"] in COUNTED:
            off = sum(part["amount"] for part in line["discount_amounts"] or ())
            net = line["amount"] - off - (77 if line["invoice_id"] in ("in_within",) else 0)
            span = line["period_start"].date(), line["period_end"].date()
            rest[line["currency"]] += net - recognised(net, *span, AT.date())
    assert found.groupby("currency")["revenue"].sum().to_dict() == rest
    assert not found.groupby("currency")["deferred"].last().any()
    assert set(found["due_month"].str[:4]) <= {"2026", "2027"}
