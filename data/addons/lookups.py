"""Names looked up in DNS, with what went wrong in words."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

import dns.exception
import dns.nameserver
import dns.rdatatype
import dns.resolver

from data.addon_settings import Server

SECONDS = 5.0  # for one question, all servers and tries together


@dataclass(frozen=True)
class Answer:
    """What DNS said: values, or none and why; known: whether the absence itself is certain."""

    values: tuple[str, ...] = ()
    problem: str = ""
    known: bool = True


class Lookup:
    """Questions to the name servers of the settings, else to the system's."""

    def __init__(self, servers: Sequence[Server] = ()) -> None:
        self._servers = servers

    def ask(self, name: str, kind: str) -> Answer:
        """The records of a kind (TXT, CNAME, A, AAAA, SOA) of exactly this name."""
        try:
            found = self._resolver().resolve(name, kind, search=False)
        except dns.resolver.NXDOMAIN:
            return Answer(problem=f"There is no name {name}.")
        except dns.resolver.NoAnswer:
            return Answer(problem=f"{name} has no {kind} record.")
        except (dns.exception.Timeout, dns.resolver.NoNameservers, dns.resolver.NoResolverConfiguration):
            return Answer(problem=f"The name servers did not answer for {name}.", known=False)
        except (dns.exception.DNSException, ValueError, OSError):
            return Answer(problem=f"{name} cannot be looked up.", known=False)
        rows = [row for row in found.rrset or () if row.rdtype == dns.rdatatype.from_text(kind)]
        return Answer(tuple(sorted(_text(row, kind) for row in rows)))

    def addresses(self, host: str) -> Answer:
        """The IP addresses of a host; of an address, itself."""
        try:
            return Answer((str(ipaddress.ip_address(host)),))
        except ValueError:
            four, six = self.ask(host, "A"), self.ask(host, "AAAA")
        if four.values or six.values:
            return Answer((*four.values, *six.values))
        return four if not four.known else six if not six.known else four

    def is_apex(self, name: str) -> bool:
        """Whether a zone begins at the name, so that no CNAME can stand there."""
        return bool(self.ask(name, "SOA").values)

    def _resolver(self) -> dns.resolver.Resolver:
        resolver = dns.resolver.Resolver(configure=not self._servers)
        if self._servers:
            resolver.nameservers = [dns.nameserver.Do53Nameserver(host, port) for host, port in self._servers]
        resolver.lifetime = SECONDS
        resolver.cache = None
        return resolver


def _text(row: object, kind: str) -> str:
    """A record's value: of TXT its pieces joined, of names without the last dot."""
    if kind == "TXT":
        return b"".join(getattr(row, "strings", ())).decode("utf-8", "replace")[:500]
    return str(row).rstrip(".").lower()
