"""Exchange rates as people change them: the permission, the change, a line in the log."""

import logging
from collections.abc import Sequence

from dashboard import access
from data.config import settings
from data.fx import editing
from data.fx.csv_file import RateFileError, parse
from data.fx.rates import ExchangeRate
from data.writing import NotChangedError

__all__ = ["EDIT", "ExchangeRate", "NotChangedError", "keep", "read_file", "remove"]

EDIT = "edit exchange rates"
LOG = logging.getLogger(__name__)


def read_file(content: bytes) -> tuple[list[ExchangeRate], list[str], str]:
    """The rates of a CSV file, or everything that is wrong with it, a sentence each; and its text."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        return [], [f"line {line}: it is not UTF-8 text; save the file as CSV UTF-8"], ""
    try:
        return parse(text), [], text
    except RateFileError as error:
        return [], error.problems, text


def keep(rates: Sequence[ExchangeRate]) -> None:
    """Keep rates, all or none. Raises ForbiddenError or NotChangedError."""
    access.require(EDIT)
    editing.keep(_url(), rates)
    LOG.info("%s kept %d exchange rates", access.role(), len(rates))


def remove(rate: ExchangeRate) -> None:
    """Take a rate out. Raises ForbiddenError or NotChangedError."""
    access.require(EDIT)
    editing.remove(_url(), rate)
    LOG.info("%s removed the rate of %s to %s on %s", access.role(), *_named(rate))


def _named(rate: ExchangeRate) -> tuple[str, str, str]:
    return rate.from_currency.upper(), rate.to_currency.upper(), f"{rate.date}"


def _url() -> str:
    return settings().database_url.get_secret_value()
