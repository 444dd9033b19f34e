"""Set-ups as they are kept, on both databases: versions, one hostname for one customer, history, audit."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select

from data import audit, clock, frames
from data.addons import storage
from data.addons.storage import By, Kept
from data.provisioning import outbox
from data.tables import operations
from data.tables.actions import audit_entry
from data.writing import NotChangedError, transaction

ANN = By("ann@example.com", "sales")
CHECKS: dict[str, Any] = {
    "routing": {"ok": False, "told": "No CNAME yet.", "seen": [], "since": "x", "at": "x"}
}


@pytest.fixture
def url(engine: Engine) -> str:
    """A database that was synced once."""
    version = {"committed_at": clock.now(), "data_at": clock.now(), "reason": "test"}
    with engine.begin() as connection:
        connection.execute(insert(operations.data_version).values(version))
    return engine.url.render_as_string(hide_password=False)


def begun(url: str, customer: str = "cus_1") -> Kept:
    kept = storage.one(url, storage.request(url, customer, "custom_domain", "custom_domain", ANN))
    assert kept is not None
    return kept


def test_a_set_up_its_history_and_its_audit(engine: Engine, url: str) -> None:
    kept = begun(url)
    named = replace(kept, settings={"hostname": "a.acme.com"}, hostname="a.acme.com", state="waiting")
    storage.change(url, kept, named, "Requested to waiting", ANN)
    now = storage.one(url, kept.id)
    assert now is not None
    assert (now.version, now.state, now.hostname) == (2, "waiting", "a.acme.com")
    assert now.since > kept.since
    rows = frames.addon_events(engine, kept.id)
    assert rows["what"].tolist() == ["Requested to waiting", "Requested"]
    assert frames.addon_setups(engine)["hostname"].tolist() == ["a.acme.com"]
    with engine.connect() as connection:
        assert audit.first_broken(connection) is None
        assert connection.scalars(select(audit_entry.c.person)).all() == [ANN.person] * 2


def test_whoever_is_slower_changes_nothing(url: str) -> None:
    kept = begun(url)
    storage.change(url, kept, replace(kept, settings={"scim": True}), "SCIM wanted", ANN)
    with pytest.raises(NotChangedError, match="Somebody changed this set-up meanwhile"):
        storage.change(url, kept, replace(kept, settings={"scim": False}), "SCIM not wanted", ANN)
    now = storage.one(url, kept.id)
    assert now is not None
    assert now.settings == {"scim": True}


def test_one_add_on_and_one_hostname_for_one_customer(url: str) -> None:
    first, second = begun(url), begun(url, "cus_2")
    with pytest.raises(NotChangedError, match="has a set-up of this add-on already"):
        begun(url)
    storage.change(url, first, replace(first, hostname="a.acme.com"), "Hostname", ANN)
    with pytest.raises(NotChangedError, match="taken: another customer has it"):
        storage.change(url, second, replace(second, hostname="a.acme.com"), "Hostname", ANN)


def test_an_e_mail_domain_has_one_customer_until_it_is_let_go(url: str) -> None:
    asked = {"domains": [{"name": "acme.com"}, {"name": "acme.example"}]}

    def begin(customer: str) -> Kept:
        with transaction(url) as connection:
            name, _ = storage.begin(connection, customer, "sso", "single_sign_on", ANN, asked)
        kept = storage.one(url, name)
        assert kept is not None
        return kept

    def change(kept: Kept, **changed: Any) -> None:
        storage.change(url, kept, replace(kept, **changed), "Changed", ANN)

    first = begin("cus_1")
    assert (first.settings, first.reason) == (asked, None)
    second = begin("cus_2")
    told = "Left out, since another customer has it: acme.com, acme.example."
    assert (second.settings, second.reason) == ({"domains": []}, told)
    with pytest.raises(NotChangedError, match=r"acme\.com is taken: another customer has it"):
        change(second, settings={"domains": [{"name": "acme.com"}]})
    change(first, settings={"domains": [{"name": "acme.com"}]})
    change(second, settings={"domains": [{"name": "acme.example"}]})  # which the first let go
    change(replace(first, version=2), state="disabled")
    change(replace(second, version=2), settings={"domains": [{"name": "acme.com"}]})
    with pytest.raises(NotChangedError, match=r"acme\.com is taken"):
        change(replace(first, version=3, settings={"domains": [{"name": "acme.com"}]}), state="requested")
    assert begin("cus_1").settings == {"domains": [{"name": "acme.example"}]}  # requested again, by a quote


def test_begun_with_what_asks_for_it(url: str) -> None:
    def begin(customer: str, hostname: str) -> tuple[str, bool]:
        with transaction(url) as connection:
            asked = (customer, "custom_domain", "custom_domain", ANN, {"hostname": hostname, "token": "t"})
            return storage.begin(connection, *asked)

    name, begun = begin("cus_1", "a.acme.com")
    assert (begun, begin("cus_1", "b.acme.com")) == (True, (name, False))
    kept = storage.one(url, name)
    assert kept is not None
    assert (kept.hostname, kept.settings) == ("a.acme.com", {"hostname": "a.acme.com", "token": "t"})
    other = storage.one(url, begin("cus_2", "a.acme.com")[0])
    assert other is not None
    assert (other.hostname, other.settings) == (None, {"token": "t"})
    assert other.reason == "Left out, since another customer has it: a.acme.com."
    storage.change(url, kept, replace(kept, state="disabled", hostname=None), "Disabled", ANN)
    assert begin("cus_1", "c.acme.com") == (name, True)
    again = storage.one(url, name)
    assert again is not None
    assert (again.state, again.hostname, again.version) == ("requested", "c.acme.com", 3)


def test_a_promise_is_renewed_by_what_asks_for_another(url: str) -> None:
    terms = {"tier": "99.9", "begins": "2026-01", "fee": 1_000, "currency": "usd"}

    def begin(**new: Any) -> Kept:
        with transaction(url) as connection:
            name, _ = storage.begin(connection, "cus_1", "sla", "uptime_sla", ANN, {**terms, **new})
        kept = storage.one(url, name)
        assert kept is not None
        return kept

    begin()
    assert begin(fee=2_000).settings == {**terms, "fee": 2_000}  # it never ran
    kept = begin(fee=1_000)
    storage.change(url, kept, replace(kept, state="active"), "Active", ANN)
    assert begin().settings == terms
    renewed = begin(begins="2027-01", fee=3_000)
    assert renewed.settings == {**terms, "begins": "2027-01", "fee": 3_000, "past": [terms]}
    assert (renewed.state, [told.type for told in outbox.claim(url)]) == ("active", ["addon.changed"])


def test_checks_make_a_new_version_of_the_data_only_with_news(engine: Engine, url: str) -> None:
    kept = begun(url)

    def versions() -> int:
        return frames.data_status(engine).version or 0

    before = versions()
    assert storage.note_checks(url, kept, CHECKS, clock.now())
    assert versions() == before + 1
    seen = storage.one(url, kept.id)
    assert seen is not None
    assert storage.note_checks(url, seen, {"routing": CHECKS["routing"] | {"at": "y"}}, clock.now())
    assert versions() == before + 1
    storage.change(url, seen, seen, "Nothing", ANN)
    assert not storage.note_checks(url, seen, {}, clock.now())


def test_what_is_due(url: str) -> None:
    kept = begun(url)
    kinds = ("custom_domain",)
    assert storage.due(url, kinds, ("waiting",), 60) == []
    assert [each.id for each in storage.due(url, kinds, ("requested",), 60)] == [kept.id]
    storage.note_checks(url, kept, {}, clock.now())
    assert storage.due(url, kinds, ("requested",), 60) == []


def test_the_newest_downtime_of_a_month_stands(url: str) -> None:
    kept = begun(url)
    storage.note_downtime(url, kept, {"2026-09": 60, "2026-10": 0}, "CSV", ANN)
    storage.note_downtime(url, kept, {"2026-09": 30}, "typed", ANN)
    assert storage.downtime(url, kept.id) == {"2026-09": 30, "2026-10": 0}


def test_a_database_that_is_not_there() -> None:
    with pytest.raises(NotChangedError):
        storage.one("sqlite:////nonexistent/folder/x.db", "a")
