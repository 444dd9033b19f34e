"""Documents from addresses that customers name: real servers on loopback, and what is never asked."""

import socket
import threading
import time

import pytest

from data.addons import fetching, lookups
from data.addons.fetching import Fetcher, FetchError, is_public
from data.addons.lookups import Lookup
from tests.addons import name_server, web_server

OPEN = Fetcher(Lookup(), private=True)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),
        *("224.0.0.1", "255.255.255.255", "::1", "::", "fc00::1", "fe80::1", "ff02::1", "::ffff:10.0.0.1"),
        *("64:ff9b::a00:1", "2002:a00:1::", "2001:0:a00:1::", "::10.0.0.1", "fec0::1"),
    ],
)
def test_a_private_address_is_known_as_one(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_a_public_address_is_known_as_one(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://example.com/", "must begin with https"),
        ("file:///etc/passwd", "must begin with https"),
        ("gopher://x/", "must begin with https"),
        ("https://me:secret@example.com/", "no address such as"),
        ("https:///x", "no address such as"),
        ("https://example.com:0/", "no address such as"),
        ("https://example.com:99999/", "no address such as"),
        ("https://127.0.0.1/x", "private network"),
        ("https://169.254.169.254/latest", "private network"),
        ("https://[::1]/", "private network"),
    ],
)
def test_what_is_not_asked_at_all(url: str, why: str) -> None:
    with pytest.raises(FetchError, match=why) as found:
        Fetcher(Lookup()).get(url)
    assert "secret" not in str(found.value)


def test_a_public_name_that_leads_into_a_private_network() -> None:
    with (
        name_server("idp.acme.com 60 A 8.8.8.8", "idp.acme.com 60 A 10.0.0.1") as server,
        pytest.raises(FetchError, match="private network"),
    ):
        Fetcher(Lookup([server])).get("https://idp.acme.com/metadata")


def test_documents_redirects_and_failures() -> None:
    answers: dict[str, tuple[int, dict[str, str], bytes]] = {
        "/a?b=c": (200, {}, b"<xml/>"),
        "/moved": (302, {"Location": "/a?b=c"}, b""),
        "/round": (301, {"Location": "/round"}, b""),
        "/out": (307, {"Location": "file:///etc/passwd"}, b""),
        "/nowhere": (302, {"Location": "//["}, b""),
        "/large": (200, {}, b"x" * (fetching.LARGEST + 1)),
        "/denied": (403, {}, b"no"),
    }
    with web_server(answers) as url:
        assert OPEN.get(f"{url}/a?b=c") == b"<xml/>"
        assert OPEN.get(f"{url}/moved") == b"<xml/>"
        for path, why in (
            ("/round", "more than 3 times"),
            ("/out", "must begin with https"),
            ("/nowhere", "redirects to what is no address"),
            ("/large", "more than 1,000,000 bytes"),
            ("/denied", "status 403"),
            ("/none", "status 404"),
        ):
            with pytest.raises(FetchError, match=why):
                OPEN.get(url + path)
    with pytest.raises(FetchError, match="did not answer"):
        OPEN.get(url + "/gone")


def test_a_server_that_drips_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "SECONDS", 0.4)
    listener = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        connection, _ = listener.accept()
        with connection:
            try:
                for _ in range(100):
                    connection.sendall(b"H")
                    time.sleep(0.05)
            except OSError:
                pass

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    started = time.monotonic()
    with pytest.raises(FetchError, match="did not answer"):
        OPEN.get(f"http://127.0.0.1:{listener.getsockname()[1]}/")
    assert time.monotonic() - started < 3
    thread.join()
    listener.close()


def test_what_dns_says(monkeypatch: pytest.MonkeyPatch) -> None:
    zone = (
        'x.acme.com 60 TXT "one" "two"',
        "www.acme.com 60 CNAME domains.ours.example",
        "domains.ours.example 60 A 203.0.113.5",
        "acme.com 60 SOA ns.acme.com me.acme.com 1 60 60 60 60",
    )
    with name_server(*zone) as server:
        lookup = Lookup([server])
        assert lookup.ask("x.acme.com", "TXT").values == ("onetwo",)
        assert lookup.ask("www.acme.com", "CNAME").values == ("domains.ours.example",)
        assert lookup.addresses("domains.ours.example").values == ("203.0.113.5",)
        assert lookup.is_apex("acme.com")
        assert not lookup.is_apex("x.acme.com")
        assert lookup.ask("none.acme.com", "TXT").problem == "There is no name none.acme.com."
        assert lookup.ask("x.acme.com", "CNAME").problem == "x.acme.com has no CNAME record."
        assert not lookup.ask("a..b", "TXT").known
    monkeypatch.setattr(lookups, "SECONDS", 0.3)
    silent = Lookup([server]).ask("x.acme.com", "TXT")
    assert (silent.values, silent.known) == ((), False)
    assert "did not answer" in silent.problem
