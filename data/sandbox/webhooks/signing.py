"""The Stripe-Signature header: https://docs.stripe.com/webhooks, "verify manually"."""

import hashlib
import hmac


def signature(body: bytes, secret: str, instant: int) -> str:
    """t=epoch seconds,v1=HMAC-SHA256 of "t.body" by the endpoint's secret, in hex."""
    signed = str(instant).encode() + b"." + body
    return f"t={instant},v1={hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}"
