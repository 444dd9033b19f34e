"""The certificate that a hostname serves, as a browser would judge it."""

import socket
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime

from data.addons.fetching import Fetcher, FetchError

SECONDS = 5.0  # to connect, and again for the whole TLS handshake


@dataclass(frozen=True)
class Served:
    """Until when the certificate holds; None and why when there is none that does."""

    until: datetime | None
    problem: str = ""


def certificate(fetcher: Fetcher, hostname: str, port: int = 443) -> Served:
    """Connect to the hostname and judge its certificate by the system's authorities."""
    try:
        address = fetcher.address(hostname)
        with (
            socket.create_connection((address, port), SECONDS) as plain,
            ssl.create_default_context().wrap_socket(plain, server_hostname=hostname) as secure,
        ):
            ends = str((secure.getpeercert() or {}).get("notAfter", ""))
    except FetchError as error:
        return Served(None, str(error))
    except ssl.SSLCertVerificationError as error:
        return Served(None, f"The certificate does not hold: {error.verify_message.rstrip('.')}.")
    except (OSError, ValueError):
        return Served(None, f"{hostname} does not answer over https yet.")
    return Served(datetime.fromtimestamp(ssl.cert_time_to_seconds(ends), UTC))
