"""X.509 certificates as metadata has them: whose, until when, and how soon that is."""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509

WARNED_AHEAD = (60, 30, 6)
"""Days before a certificate's end at which people are warned, ever more loudly."""


class CertificateError(ValueError):
    """A text is no certificate; the message is a sentence."""


@dataclass(frozen=True)
class Certificate:
    """A certificate; fingerprint is its SHA-256, in hexadecimal."""

    subject: str
    not_before: datetime
    not_after: datetime
    fingerprint: str


def warned(not_after: datetime, now: datetime) -> int | None:
    """The least of 60, 30 and 6 days that are left at most; 0 when it has ended; None: longer."""
    if now >= not_after:
        return 0
    return min((days for days in WARNED_AHEAD if not_after - now <= timedelta(days=days)), default=None)


def read(text: str) -> Certificate:
    """The certificate in base64, as metadata has it. Raises CertificateError."""
    body = "".join(text.split()).removeprefix("-----BEGINCERTIFICATE-----")
    try:
        raw = base64.b64decode(body.removesuffix("-----ENDCERTIFICATE-----"), validate=True)
        found = x509.load_der_x509_certificate(raw)
        subject = found.subject.rfc4514_string()
        return Certificate(
            subject, found.not_valid_before_utc, found.not_valid_after_utc, hashlib.sha256(raw).hexdigest()
        )
    except (binascii.Error, ValueError, x509.InvalidVersion):
        raise CertificateError("A certificate in the metadata cannot be read: it is not X.509.") from None
