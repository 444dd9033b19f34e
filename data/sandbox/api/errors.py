"""What Stripe says when it refuses: status, type, code, parameter and a sentence."""

import re
from dataclasses import dataclass
from typing import Any

HELP = "Please see https://stripe.com/docs or we can help at https://support.stripe.com/."
AUTHENTICATION_HELP = "See https://stripe.com/docs/api#authentication for details, or we can help at https://support.stripe.com/."


@dataclass(eq=False)
class StripeError(Exception):
    """A refusal, before it is wrapped in Stripe's envelope."""

    status: int
    message: str
    code: str | None = None
    param: str | None = None
    kind: str = "invalid_request_error"
    decline_code: str | None = None

    def __str__(self) -> str:
        return self.message

    def envelope(self, request_id: str) -> dict[str, Any]:
        """The JSON body."""
        told = {"code": self.code, "decline_code": self.decline_code, "param": self.param}
        error: dict[str, Any] = {name: value for name, value in told.items() if value is not None}
        if self.code:
            error["doc_url"] = f"https://stripe.com/docs/error-codes/{self.code.replace('_', '-')}"
        error["message"] = self.message
        error["request_log_url"] = f"https://dashboard.stripe.com/test/logs/{request_id}"
        error["type"] = self.kind
        return {"error": error}


class FailedPaymentError(StripeError):
    """A payment that was tried and declined: the attempt and its charge stay."""


def missing(noun: str, identity: str, param: str, status: int = 404) -> StripeError:
    """The object is not there; 404 for one asked for, 400 for one named in a parameter."""
    return StripeError(status, f"No such {noun}: '{identity}'", "resource_missing", param)


def unknown_parameters(names: list[str]) -> StripeError:
    """Parameters that the endpoint does not have."""
    plural = "s" if len(names) > 1 else ""
    return StripeError(
        400, f"Received unknown parameter{plural}: {', '.join(names)}", "parameter_unknown", names[0]
    )


def invalid(param: str | None, message: str, code: str | None = None) -> StripeError:
    """A parameter that cannot be read."""
    return StripeError(400, message, code, param)


def unknown_url(method: str, path: str) -> StripeError:
    """No such endpoint."""
    return StripeError(404, f"Unrecognized request URL ({method}: {path}). {HELP}")


def masked(key: str) -> str:
    """A key that may be shown: its kind and its last four characters."""
    kind = re.match(r"[a-z]{2}_[a-z]+_", key)
    return f"{kind.group() if kind else ''}{'*' * 8}{key[-4:] if len(key) > 12 else ''}"


_BUSY = (
    "This object cannot be accessed right now because another API request or Stripe process is currently"
    " accessing it."
)
_TOO_MANY = (
    "Request rate limit exceeded. Learn more about rate limits here: https://stripe.com/docs/rate-limits."
)
_BY_STATUS: dict[int, tuple[str, str | None, str]] = {
    400: ("invalid_request_error", None, "The sandbox was told to refuse this request."),
    402: ("card_error", "card_declined", "Your card was declined."),
    404: ("invalid_request_error", None, "Unrecognized request URL ({method}: {path}). " + HELP),
    409: ("invalid_request_error", "lock_timeout", _BUSY),
    429: ("invalid_request_error", "rate_limit", _TOO_MANY),
}


def told_to_fail(status: int, method: str, path: str, key: str) -> StripeError:
    """The error that a fault asks for."""
    if status == 401:
        return StripeError(401, f"Invalid API Key provided: {masked(key)}")
    if status == 403:
        return StripeError(
            403,
            f"The provided key '{masked(key)}' does not have the required permissions for this endpoint"
            f" on account 'acct_sandbox' ({method} {path}).",
            "more_permissions_required",
        )
    kind, code, message = _BY_STATUS.get(
        status, ("api_error", None, "An unknown error occurred. The sandbox was told to fail.")
    )
    decline = "generic_decline" if status == 402 else None
    return StripeError(status, message.format(method=method, path=path), code, None, kind, decline)
