"""What can be wrong with the company's application database, in sentences for a person."""

from sqlalchemy import URL


class ApplicationError(Exception):
    """The application database cannot be used; everything else goes on."""


class MappingError(ApplicationError):
    """A SELECT of the mapping is not what it must be; the message names its setting."""


class UnreachableError(ApplicationError):
    """The application database does not answer."""

    def __init__(self, url: URL, reason: object) -> None:
        """Name the database without its password, and the first line of the reason."""
        lines = str(reason).strip().splitlines() or ["no reason was given"]
        super().__init__(
            f"The application database {url.render_as_string(hide_password=True)} cannot be read: "
            f"{lines[0].rstrip('.')}. See APPLICATION_DATABASE_URL."
        )
