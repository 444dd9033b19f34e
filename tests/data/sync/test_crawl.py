"""Lists are cut where that helps, and read whole where the server does not play along."""

from collections import Counter
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import Engine, func, select

from data.gateway import Gateway
from data.limiter import unlimited
from data.sync import SyncReport, sync
from data.tables import mirror, operations
from tests.data.sync.account_server import account_store, contents, count, gateway_to
from tests.data.sync.other_servers import Json, Query, behind, without
from tests.sandbox_server import API_KEY

FAR_AWAY = 1.0  # seconds of latency that call for many readers


def cut_sync(engine: Engine, base: str) -> SyncReport:
    """A sync that believes the server to be far away, and so cuts what it can."""
    with Gateway(API_KEY, base, limiter=unlimited()) as gateway:
        gateway.latency = FAR_AWAY
        return sync(engine, gateway)


def ranges(engine: Engine) -> Counter[str]:
    """How many ranges each resource was read in."""
    with engine.connect() as connection:
        return Counter(connection.execute(select(operations.sync_range.c.resource)).scalars())


def test_big_lists_are_cut_and_no_object_is_read_twice(engine: Engine, stripe_account: Path) -> None:
    with gateway_to(account_store(stripe_account)) as gateway:
        report = cut_sync(engine, gateway.base)
        asked = httpx.get(f"{gateway.base}/sandbox/requests").json()["requests"]
    assert report.problems == {}
    assert ranges(engine)["invoices"] > 3
    assert ranges(engine)["quotes"] == 1
    with engine.connect() as connection:
        table = operations.sync_range
        read = select(table.c.resource, func.sum(table.c.objects)).group_by(table.c.resource)
        found = {name: int(objects) for name, objects in connection.execute(read)}
    assert (found["invoices"], found["charges"], found["customers"]) == (1364, 1016, 220)
    pages = Counter(f"{each['path']}?{each['query']}" for each in asked if "limit=100" in each["query"])
    assert set(pages.values()) == {1}


def test_a_server_that_ignores_the_filter_is_read_in_one_go(
    sqlite_engine: Engine, stripe_account: Path
) -> None:
    with behind(account_store(stripe_account), query=without("created")) as base:
        report = cut_sync(sqlite_engine, base)
    assert set(ranges(sqlite_engine).values()) == {1}
    assert report.problems == {}
    assert (count(sqlite_engine, mirror.customer), count(sqlite_engine, mirror.invoice)) == (220, 1364)


def test_a_filter_that_turns_out_not_to_hold_is_given_up(sqlite_engine: Engine, stripe_account: Path) -> None:
    with behind(account_store(stripe_account), query=without("created[gte]")) as base:
        report = cut_sync(sqlite_engine, base)
    assert ranges(sqlite_engine)["invoices"] == 1
    assert report.problems == {}
    assert (count(sqlite_engine, mirror.customer), count(sqlite_engine, mirror.invoice)) == (220, 1364)


def test_a_server_that_expands_nothing_is_told_of(sqlite_engine: Engine, stripe_account: Path) -> None:
    with behind(account_store(stripe_account), query=without("expand")) as base:
        report = cut_sync(sqlite_engine, base)
    assert list(report.problems) == ["subscriptions"]
    assert "without their coupons" in report.problems["subscriptions"]
    assert count(sqlite_engine, mirror.subscription) == 196


def test_a_server_that_refuses_an_expansion_gets_none(sqlite_engine: Engine, stripe_account: Path) -> None:
    def renamed(query: Query) -> Query:
        return [(name, value.replace("tax_ids", "no_such_field")) for name, value in query]

    with behind(account_store(stripe_account), query=renamed) as base:
        report = cut_sync(sqlite_engine, base)
    assert list(report.problems) == ["customers"]
    assert count(sqlite_engine, mirror.customer) == 220


def first_line_only(path: str, body: Json) -> Json:
    """What Stripe does beyond ten lines."""
    for obj in body.get("data", []) if path == "/v1/invoices" else []:
        lines: Any = obj["lines"]
        obj["lines"] = {**lines, "has_more": len(lines["data"]) > 1, "data": lines["data"][:1]}
    return body


def test_all_lines_arrive_where_only_the_first_is_embedded(
    sqlite_engine: Engine, tmp_path: Path, stripe_account: Path
) -> None:
    store = account_store(stripe_account)
    with behind(store, body=first_line_only) as base:
        assert cut_sync(sqlite_engine, base).problems == {}
    lines = contents(sqlite_engine)["invoice_line"]
    with (stripe_account / "invoices.jsonl").open() as file:
        text = file.read()
    assert len(lines) == text.count('"object": "line_item"') or len(lines) == text.count(
        '"object":"line_item"'
    )


def test_a_page_that_comes_again_and_again_is_not_read_forever(
    sqlite_engine: Engine, stripe_account: Path
) -> None:
    with behind(account_store(stripe_account), query=without("starting_after")) as base:
        report = cut_sync(sqlite_engine, base)
    assert "starting_after" in report.problems["invoices"]
    assert report.resources["coupons"].state == "ok"
