"""What can go wrong between us and Stripe, each as one sentence for a person that never holds the key."""


class GatewayError(Exception):
    """A request that was not answered as asked; `passing` errors were tried again before they were raised."""

    passing = False

    def __init__(self, sentence: str, *, retry_after: float | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.retry_after = retry_after  # seconds, when the server named them
        self.param: str | None = None  # the request's parameter that the server refused, when it named one
        self.code: str | None = None  # Stripe's own word for the trouble, such as resource_missing
        self.everywhere = False  # too many requests in all, not only to this endpoint
        self.request_id: str | None = None  # Stripe's name for the request, where it answered


class Refused(GatewayError):  # noqa: N818
    """400: the server does not accept the request as it is."""


class Declined(GatewayError):  # noqa: N818
    """402: a card was declined, or another payment did not go through."""


class Unauthorized(GatewayError):  # noqa: N818
    """401: the key is not valid."""


class Forbidden(GatewayError):  # noqa: N818
    """403: the key may not read this."""


class NotFound(GatewayError):  # noqa: N818
    """404, 405 or 501: the server does not know this address or object."""


class RateLimited(GatewayError):  # noqa: N818
    """429: too many requests, and waiting did not help."""

    passing = True


class Unreachable(GatewayError):  # noqa: N818
    """No answer: the address is wrong, the network is down, or the server hung up."""

    passing = True


class ServerTrouble(GatewayError):  # noqa: N818
    """409 or 5xx: the server could not answer."""

    passing = True


class BadAnswer(GatewayError):  # noqa: N818
    """The answer was not what Stripe sends: broken JSON, a page without objects."""

    passing = True


class Closed(GatewayError):  # noqa: N818
    """The gateway was closed while the request waited."""


class LiveKeyRefused(GatewayError):  # noqa: N818
    """A live key was about to be sent to an address that is not Stripe's."""


BY_STATUS: dict[int, tuple[type[GatewayError], str]] = {
    400: (Refused, "the server refused the request"),
    402: (Declined, "the payment did not go through"),
    401: (Unauthorized, "the key is not valid"),
    403: (Forbidden, "the key may not read this"),
    404: (NotFound, "the server does not know this"),
    405: (NotFound, "the server does not know this"),
    409: (ServerTrouble, "the server was busy with the same object"),
    429: (RateLimited, "too many requests"),
    501: (NotFound, "the server does not know this"),
}


def error_of(status: int) -> tuple[type[GatewayError], str]:
    """The error and its words for an HTTP status that is not 2xx."""
    if found := BY_STATUS.get(status):
        return found
    if status >= 500:
        return ServerTrouble, "the server could not answer"
    return Refused, "the server refused the request"


class NotSignedError(Exception):
    """A webhook that Stripe did not sign, or too long ago; the message is a sentence."""
