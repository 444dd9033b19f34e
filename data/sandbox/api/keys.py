"""Which keys the sandbox takes: any test key, never a live one."""

import re

from data.sandbox.api.errors import AUTHENTICATION_HELP, StripeError, masked

_TEST = re.compile(r"[sr]k_test_\w+")


def check_key(key: str, only: str | None) -> None:
    """Refuse a request without a key, with a live key or, when one key is set, with another."""
    if not key:
        raise StripeError(
            401,
            "You did not provide an API key. You need to provide your API key in the Authorization header,"
            f" using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). {AUTHENTICATION_HELP}",
        )
    if key.startswith(("sk_live", "rk_live")):
        raise StripeError(
            401,
            "This is a sandbox, and the key is a live key. It has not been used or kept; take any key that"
            " starts with sk_test_ or rk_test_ instead.",
        )
    if not _TEST.fullmatch(key) or (only is not None and key != only):
        raise StripeError(401, f"Invalid API Key provided: {masked(key)}")
