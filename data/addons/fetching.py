"""Documents from addresses that customers name: never from a private network, bounded in size and time."""

import ipaddress
import socket
import ssl
import threading
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException
from urllib.parse import SplitResult, urljoin, urlsplit

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse

from data.addons.lookups import Lookup

LARGEST = 1_000_000  # bytes
SECONDS = 10.0  # for one address, however slowly it answers
STEP = 4.0  # seconds that a connection may stay silent
REDIRECTS = 3
MOVED = (301, 302, 303, 307, 308)
TRANSLATED = tuple(
    map(ipaddress.ip_network, ("::/96", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32"))
)
"""IPv6 networks whose addresses lead to an IPv4 one."""


class FetchError(Exception):
    """The document could not be had; the message is a sentence for a person."""


@dataclass(frozen=True)
class Fetcher:
    """Fetches over https from public addresses; `private` allows http and private addresses too."""

    lookup: Lookup
    private: bool = False

    def get(self, url: str) -> bytes:
        """The document at an address, following few redirects, each checked anew. Raises FetchError."""
        for _ in range(REDIRECTS + 1):
            status, target, body = self._one(url)
            if status not in MOVED:
                if status != 200:
                    raise FetchError(f"{_host(url)} answered with status {status}.")
                return body
            url = _joined(url, target)
        raise FetchError(f"The address redirects more than {REDIRECTS} times.")

    def _one(self, url: str) -> tuple[int, str, bytes]:
        parts = self._checked(url)
        address = self.address(parts.hostname or "")
        connection = self._connection(parts, address)
        timer = threading.Timer(SECONDS, _cut, [connection])
        try:
            connection.connect()
            timer.start()
            path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
            headers = {"Host": parts.netloc, "Accept-Encoding": "identity", "User-Agent": "add-on set-up"}
            connection.request("GET", path, headers=headers, preload_content=False)
            answer = connection.getresponse()
            return answer.status, answer.headers.get("location", ""), _body(answer, parts.hostname or "")
        except ssl.SSLError as error:
            raise FetchError(f"{parts.hostname} has no certificate that holds: {_reason(error)}.") from None
        except (HTTPError, HTTPException, OSError, ValueError):
            raise FetchError(
                f"{parts.hostname} did not answer as a web server in {SECONDS:.0f} seconds."
            ) from None
        finally:
            timer.cancel()
            connection.close()

    def _checked(self, url: str) -> SplitResult:
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise FetchError("This is no address such as https://login.example.com/metadata.") from None
        if parts.scheme != "https" and not (self.private and parts.scheme == "http"):
            raise FetchError("The address must begin with https://.")
        if not parts.hostname or port == 0 or parts.username or parts.password or len(url) > 2000:
            raise FetchError("This is no address such as https://login.example.com/metadata.")
        return parts

    def address(self, host: str) -> str:
        """An IP address of a host that may be asked. Raises FetchError."""
        found = self.lookup.addresses(host)
        if not found.values:
            raise FetchError(found.problem or f"There is no name {host}.")
        if not self.private and not all(is_public(each) for each in found.values):
            raise FetchError(f"{host} is in a private network, which is not asked.")
        return found.values[0]

    @staticmethod
    def _connection(parts: SplitResult, address: str) -> HTTPConnection:
        """To the address that was checked, whatever the name leads to by now."""
        if parts.scheme == "http":
            return HTTPConnection(address, parts.port or 80, timeout=STEP)
        return HTTPSConnection(
            address,
            parts.port or 443,
            timeout=STEP,
            ssl_context=ssl.create_default_context(),
            server_hostname=parts.hostname,
            assert_hostname=parts.hostname,
        )


def is_public(text: str) -> bool:
    """Whether an IP address is one of the public internet."""
    address = ipaddress.ip_address(text)
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return is_public(str(address.ipv4_mapped))
        if address.is_site_local or any(address in network for network in TRANSLATED):
            return False
    return address.is_global and not address.is_multicast


def _body(answer: BaseHTTPResponse, host: str) -> bytes:
    body = bytearray()
    while piece := answer.read1(65_536):
        body += piece
        if len(body) > LARGEST:
            raise FetchError(f"{host} sends more than {LARGEST:,} bytes, so it was not read.")
    return bytes(body)


def _cut(connection: HTTPConnection) -> None:
    """End a connection that takes too long."""
    if connection.sock:
        with suppress(OSError):
            connection.sock.shutdown(socket.SHUT_RDWR)


def _joined(url: str, target: str) -> str:
    """Where a redirect leads to. Raises FetchError."""
    try:
        return urljoin(url, target)
    except ValueError:
        raise FetchError(f"{_host(url)} redirects to what is no address.") from None


def _host(url: str) -> str:
    return urlsplit(url).hostname or "It"


def _reason(error: ssl.SSLError) -> str:
    return str(getattr(error, "verify_message", "") or error.reason or "TLS failed").rstrip(".")
