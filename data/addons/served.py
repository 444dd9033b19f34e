"""The certificate that a hostname serves, as a browser would judge it."""

import socket
import ssl
import threading
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from data.addons.fetching import Fetcher, FetchError

SECONDS = 5.0  # to connect, and again to agree on TLS


@dataclass(frozen=True)
class Served:
    """Until when the certificate holds; None and why when there is none that does."""

    until: datetime | None
    problem: str = ""


def certificate(fetcher: Fetcher, hostname: str, port: int = 443) -> Served:
    """Connect to the hostname and judge its certificate by the system's authorities."""
    try:
        ends = _ends(fetcher.address(hostname), hostname, port)
    except FetchError as error:
        return Served(None, str(error))
    except ssl.SSLCertVerificationError as error:
        return Served(None, f"The certificate does not hold: {error.verify_message.rstrip('.')}.")
    except (OSError, ValueError):
        return Served(None, f"{hostname} does not answer over https yet.")
    return Served(datetime.fromtimestamp(ssl.cert_time_to_seconds(ends), UTC))


def _ends(address: str, hostname: str, port: int) -> str:
    """Until when the certificate holds, as TLS tells it; a server that drips is cut off. Raises OSError."""
    with socket.create_connection((address, port), SECONDS) as plain, plain.dup() as same:
        timer = threading.Timer(SECONDS, _cut, [same])
        timer.start()
        try:
            with ssl.create_default_context().wrap_socket(plain, server_hostname=hostname) as secure:
                return str((secure.getpeercert() or {}).get("notAfter", ""))
        finally:
            timer.cancel()


def _cut(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
