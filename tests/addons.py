"""What identity providers and name servers say in tests: metadata, certificates, servers on loopback."""

import base64
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from dnslib import RR
from dnslib.server import DNSServer

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
KEY = ec.generate_private_key(ec.SECP256R1())


def certificate(
    until: datetime, name: str = "idp.acme.com", since: datetime | None = None
) -> x509.Certificate:
    """A certificate that signs itself, also valid for 127.0.0.1's name."""
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    made = x509.CertificateBuilder(subject, subject, KEY.public_key(), x509.random_serial_number())
    made = made.not_valid_before(since or until - timedelta(days=365)).not_valid_after(until)
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    return made.sign(KEY, hashes.SHA256())


def in_base64(found: x509.Certificate) -> str:
    """As metadata has it."""
    return base64.b64encode(found.public_bytes(serialization.Encoding.DER)).decode()


def metadata(*ends: datetime, entity: str = "https://idp.acme.com", host: str = "idp.acme.com") -> bytes:
    """SAML metadata of an identity provider with certificates that end so."""
    keys = "".join(
        '<md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>'
        f"{in_base64(certificate(end))}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
        for end in ends
    )
    binding = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP"
    return (
        '<?xml version="1.0"?><md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" '
        f'xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="{entity}">'
        '<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">'
        f'{keys}<md:SingleSignOnService Binding="{binding}-Redirect" Location="https://{host}/sso"/>'
        f'<md:SingleSignOnService Binding="{binding}-POST" Location="https://{host}/sso/post"/>'
        "</md:IDPSSODescriptor></md:EntityDescriptor>"
    ).encode()


@contextmanager
def name_server(*zone: str, later: Sequence[str] = ()) -> Iterator[tuple[str, int]]:
    """A real name server on loopback; lines as in a zone file, some of them later. Its address and port."""
    resolver = _Zone(zone, later)
    server = DNSServer(resolver, address="127.0.0.1", port=0, logger=_Quiet())
    server.start_thread()
    yield "127.0.0.1", server.server.server_address[1]
    server.stop()
    server.server.server_close()


class _Zone:
    """Records by name; a CNAME answers for every kind."""

    def __init__(self, lines: tuple[str, ...], later: Sequence[str]) -> None:
        self.records, self.later = _records(lines), later

    def resolve(self, request: Any, handler: Any) -> Any:
        """The answer, or that there is no such name."""
        reply = request.reply()
        name, kind = request.q.qname, request.q.qtype
        mine = [record for record in self.records + _records(self.later) if record.rname == name]
        reply.add_answer(*(record for record in mine if record.rtype in (kind, 5)))
        if not mine:
            reply.header.rcode = 3
        return reply


def _records(lines: Sequence[str]) -> list[RR]:
    return [record for line in lines for record in RR.fromZone(line)]


class _Quiet:
    def __getattr__(self, name: str) -> Any:
        return lambda *given: None


Answer = tuple[int, Mapping[str, str], bytes]


@contextmanager
def web_server(answers: Mapping[str, Answer]) -> Iterator[str]:
    """A real web server on loopback that answers by path; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = answers.get(self.path, (404, {}, b""))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *given: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()
