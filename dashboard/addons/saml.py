"""SAML 2.0 metadata of an identity provider, read without trusting it.

Source: OASIS, Metadata for SAML 2.0 (saml-metadata-2.0-os), sections 2.3 and 2.4.
"""

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from dashboard.addons import certificates
from dashboard.addons.certificates import Certificate, CertificateError

LARGEST = 1_000_000  # bytes; an identity provider's own metadata is some 10 kB
MD = "{urn:oasis:names:tc:SAML:2.0:metadata}"
DS = "{http://www.w3.org/2000/09/xmldsig#}"
BINDINGS = {
    "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect": "redirect",
    "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST": "post",
}
SIGN_ON_PATHS = ("/sso", "/saml2", "/login", "/signon", "/idp/startsso", "/sso/saml", "/adfs/ls")
WHERE = "Ask for the metadata URL or file of the identity provider (often called federation metadata)."


class MetadataError(ValueError):
    """The metadata cannot be used; the message says why and what to do."""


@dataclass(frozen=True)
class Endpoint:
    """Where people are sent to sign on or off; binding: redirect or post."""

    use: str
    binding: str
    location: str


@dataclass(frozen=True)
class Metadata:
    """What an identity provider says of itself."""

    entity_id: str
    endpoints: tuple[Endpoint, ...]
    certificates: tuple[Certificate, ...]

    def kept(self) -> dict[str, Any]:
        """As JSON."""
        told = asdict(self)
        for each in told["certificates"]:
            each |= {name: each[name].isoformat() for name in ("not_before", "not_after")}
        return told


def read(body: bytes) -> Metadata:
    """The metadata in an XML document. Raises MetadataError."""
    if len(body) > LARGEST:
        raise MetadataError(
            f"The metadata has {len(body):,} bytes; one identity provider's own has at most {LARGEST:,}. "
            "It may be that of a whole federation: take the part of this identity provider."
        )
    _refuse_pages(body)
    try:
        root = fromstring(body, forbid_dtd=True)
    except DefusedXmlException:
        raise MetadataError(
            "The XML declares a document type or entities, which metadata never needs and which can be used "
            f"to attack. It was not read. {WHERE}"
        ) from None
    except (ParseError, ValueError, LookupError):
        raise MetadataError(f"This is not well-formed XML. {WHERE}") from None
    return _described(_entity(root))


def _refuse_pages(body: bytes) -> None:
    """A web page where metadata should be: most likely the sign-on page."""
    start = body[:2000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not start:
        raise MetadataError(f"The file is empty. {WHERE}")
    if start.startswith((b"<!doctype html", b"<html")):
        raise MetadataError(
            f"This is a web page, not metadata: most likely the address where people sign on. {WHERE}"
        )


def _entity(root: Element) -> Element:
    """The one entity that is an identity provider."""
    if root.tag == f"{MD}EntityDescriptor":
        return root
    if root.tag != f"{MD}EntitiesDescriptor":
        raise MetadataError(f"The XML is no SAML 2.0 metadata: it begins with {_local(root.tag)}. {WHERE}")
    found = [
        each for each in root.iter(f"{MD}EntityDescriptor") if each.find(f"{MD}IDPSSODescriptor") is not None
    ]
    if len(found) != 1:
        raise MetadataError(
            f"The metadata describes {len(found)} identity providers; exactly one is needed. {WHERE}"
        )
    return found[0]


def _described(entity: Element) -> Metadata:
    name = (entity.get("entityID") or "").strip()
    provider = entity.find(f"{MD}IDPSSODescriptor")
    if not name:
        raise MetadataError(f"The metadata has no entity id. {WHERE}")
    if provider is None:
        raise MetadataError(
            "The metadata describes no identity provider (IDPSSODescriptor): it may be that of an "
            f"application, such as our own. {WHERE}"
        )
    endpoints = tuple(_endpoints(provider))
    if not any(each.use == "sign on" for each in endpoints):
        raise MetadataError(
            f"The metadata names no https address to sign on at, by redirect or POST. {WHERE}"
        )
    try:
        found = {each.fingerprint: each for each in map(certificates.read, _signing(provider))}
    except CertificateError as error:
        raise MetadataError(f"{error} {WHERE}") from None
    if not found:
        raise MetadataError(f"The metadata has no certificate for signatures. {WHERE}")
    return Metadata(name[:1024], endpoints, tuple(found.values()))


def _endpoints(provider: Element) -> Iterator[Endpoint]:
    for tag, use in (("SingleSignOnService", "sign on"), ("SingleLogoutService", "sign off")):
        for each in provider.iter(f"{MD}{tag}"):
            binding, location = BINDINGS.get(each.get("Binding", "")), (each.get("Location") or "").strip()
            if binding and is_https(location):
                yield Endpoint(use, binding, location)


def _signing(provider: Element) -> Iterator[str]:
    """The certificates that signatures are checked with."""
    for key in provider.iter(f"{MD}KeyDescriptor"):
        if key.get("use") in (None, "signing"):
            yield from (each.text or "" for each in key.iter(f"{DS}X509Certificate"))


def _local(tag: str) -> str:
    return tag.rpartition("}")[2][:60]


def is_https(text: str) -> bool:
    """Whether a text is an https address with a host, and nothing in it that is not seen."""
    try:
        parts = urlsplit(text)
        seen = text.isprintable() and " " not in text
        return parts.scheme == "https" and bool(parts.hostname) and len(text) <= 2000 and seen
    except ValueError:
        return False


def looks_like_sign_on(url: str) -> bool:
    """Whether an address looks like the one where people sign on, not like that of metadata."""
    path = re.split("[?#]", url)[0].rstrip("/").lower()
    return "metadata" not in url.lower() and path.endswith(SIGN_ON_PATHS)
