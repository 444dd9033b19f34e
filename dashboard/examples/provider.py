"""What the identity provider of an example's customer says of itself."""

import base64
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

BINDING = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
METADATA = (
    '<?xml version="1.0"?><md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" '
    'xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="https://{host}">'
    '<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">'
    '<md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{certificate}'
    "</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
    '<md:SingleSignOnService Binding="{binding}" Location="https://{host}/sso"/>'
    "</md:IDPSSODescriptor></md:EntityDescriptor>"
)


def metadata(host: str, until: datetime) -> bytes:
    """SAML metadata with a certificate that ends then."""
    told = base64.b64encode(_certificate(host, until)).decode()
    return METADATA.format(host=host, certificate=told, binding=BINDING).encode()


def _certificate(host: str, until: datetime) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    made = x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(until - timedelta(days=365)).not_valid_after(until)
    return made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
