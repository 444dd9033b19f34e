"""SAML metadata: what is read, what is refused, and why."""

import base64
from datetime import timedelta

import pytest

from dashboard.addons import certificates, saml
from dashboard.addons.saml import MetadataError
from tests.addons import NOW, certificate, in_base64, metadata

GOOD = metadata(NOW + timedelta(days=90), NOW + timedelta(days=400))
BOMB = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><lolz>&c;</lolz>"""
EXTERNAL = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]><x>&y;</x>"""


def test_what_an_identity_provider_says() -> None:
    found = saml.read(GOOD)
    assert found.entity_id == "https://idp.acme.com"
    assert [(each.use, each.binding, each.location) for each in found.endpoints] == [
        ("sign on", "redirect", "https://idp.acme.com/sso"),
        ("sign on", "post", "https://idp.acme.com/sso/post"),
    ]
    assert [each.not_after for each in found.certificates] == [
        NOW + timedelta(days=90),
        NOW + timedelta(days=400),
    ]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "empty"),
        (BOMB, "declares a document type or entities"),
        (EXTERNAL, "declares a document type or entities"),
        (b"<!DOCTYPE html><html><form>", "a web page, not metadata: most likely the address where"),
        (b"\xef\xbb\xbf  <HTML><body>", "a web page"),
        (b"<a>" * 200, "not well-formed"),
        (b"\xff\xfe\x00garbage", "not well-formed"),
        (b'<?xml version="1.0" encoding="nonesuch"?><a/>', "not well-formed"),
        (b"<feed/>", "begins with feed"),
        (GOOD + b" " * saml.LARGEST, "at most 1,000,000"),
        (b"x" * 5_000_000, "5,000,000 bytes"),
        (GOOD.replace(b'entityID="https://idp.acme.com"', b""), "no entity id"),
        (GOOD.replace(b"IDPSSODescriptor", b"SPSSODescriptor"), "such as our own"),
        (GOOD.replace(b"https://idp.acme.com/sso", b"javascript:alert(1)//"), "no https address"),
        (metadata(), "no certificate"),
        (GOOD.replace(b"X509Certificate>M", b"X509Certificate>!"), "not X.509"),
    ],
    ids=lambda each: None if isinstance(each, bytes) else each[:20],
)  # fmt: skip
def test_what_is_refused_says_why(body: bytes, why: str) -> None:
    with pytest.raises(MetadataError, match=why):
        saml.read(body)


def test_a_certificate_of_a_version_that_does_not_exist() -> None:
    raw = base64.b64decode(in_base64(certificate(NOW)))
    other = raw.replace(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x05", 1)
    assert other != raw
    with pytest.raises(certificates.CertificateError, match=r"not X\.509"):
        certificates.read(base64.b64encode(other).decode())


def test_the_one_identity_provider_of_several_entities() -> None:
    start, end = (
        b'<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">',
        b"</md:EntitiesDescriptor>",
    )
    entity = GOOD.removeprefix(b'<?xml version="1.0"?>')
    assert saml.read(start + entity + end).entity_id == "https://idp.acme.com"
    with pytest.raises(MetadataError, match="describes 2 identity providers"):
        saml.read(start + entity + entity + end)


@pytest.mark.parametrize(
    ("days", "warned"), [(61, None), (60, 60), (31, 60), (30, 30), (7, 30), (6, 6), (0.5, 6), (0, 0), (-1, 0)]
)
def test_a_certificate_is_warned_of_ahead(days: float, warned: int | None) -> None:
    end = NOW + timedelta(days=days)
    found = certificates.read(in_base64(certificate(end)))
    assert certificates.warned(found.not_after, NOW) == warned


@pytest.mark.parametrize(
    ("url", "is_sign_on"),
    [
        ("https://idp.acme.com/app/abc/sso/saml", True),
        ("https://adfs.acme.com/adfs/ls/", True),
        ("https://idp.acme.com/app/abc/sso/saml/metadata", False),
        ("https://[/sso", True),
        ("https://adfs.acme.com/FederationMetadata/2007-06/FederationMetadata.xml", False),
    ],
)
def test_an_address_to_sign_on_is_told_from_one_of_metadata(url: str, is_sign_on: bool) -> None:
    assert saml.looks_like_sign_on(url) is is_sign_on
