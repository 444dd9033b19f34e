"""The certificate that a hostname serves, from a real TLS server on loopback."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from data.addons.fetching import Fetcher
from data.addons.lookups import Lookup
from data.addons.served import certificate
from tests.addons import KEY, name_server
from tests.addons import certificate as signed

NOW = datetime.now(UTC).replace(microsecond=0)


@contextmanager
def served(folder: Path, name: str, until: datetime) -> Iterator[int]:
    """A TLS server with a certificate that signs itself; its port."""
    file = folder / "server.pem"
    found = signed(until, name, since=NOW - timedelta(days=9))
    key = KEY.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(key + found.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            with suppress(OSError):
                plain, _ = listener.accept()
                with plain, suppress(OSError):
                    context.wrap_socket(plain, server_side=True).close()

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(timeout=5)


@pytest.mark.parametrize(
    ("name", "days", "trusted", "problem"),
    [
        ("portal.acme.com", 30, True, ""),
        ("portal.acme.com", 30, False, "does not hold: self"),
        ("other.acme.com", 30, True, "does not hold: Hostname mismatch"),
        ("portal.acme.com", -1, True, "does not hold: certificate has expired"),
    ],
)
def test_a_certificate_is_judged_as_a_browser_would(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, days: int, trusted: bool, problem: str
) -> None:
    until = NOW + timedelta(days=days)
    with (
        name_server("portal.acme.com 60 A 127.0.0.1") as server,
        served(tmp_path, name, until) as port,
    ):
        if trusted:
            monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "server.pem"))
        found = certificate(Fetcher(Lookup([server]), private=True), "portal.acme.com", port)
    assert problem in found.problem
    assert found.until == (None if problem else until)


def test_a_name_in_a_private_network_is_not_asked() -> None:
    with name_server("portal.acme.com 60 A 10.0.0.1") as server:
        found = certificate(Fetcher(Lookup([server])), "portal.acme.com")
    assert (found.until, found.problem) == (
        None,
        "portal.acme.com is in a private network, which is not asked.",
    )


def test_a_server_that_drips_its_handshake_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("data.addons.served.SECONDS", 0.3)
    listener = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        connection, _ = listener.accept()
        with connection, suppress(OSError):
            connection.sendall(b"\x16\x03\x03\x40\x00")
            for _ in range(100):
                connection.sendall(b"\x02")
                time.sleep(0.05)

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    started = time.monotonic()
    found = certificate(Fetcher(Lookup(), private=True), "127.0.0.1", listener.getsockname()[1])
    assert found.until is None
    assert time.monotonic() - started < 2
    thread.join()
    listener.close()
