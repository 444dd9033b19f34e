"""Text columns of frames, where nothing known may be None, NA or empty."""

from dashboard.formatting import is_missing


def known(value: object) -> str:
    """The text, or "" where there is none."""
    return "" if is_missing(value) else str(value).strip()


def parts(joined: object, separators: str = ";") -> list[str]:
    """The parts of a column that joins several values; empty ones dropped."""
    text = known(joined)
    for separator in separators[1:]:
        text = text.replace(separator, separators[0])
    return [part.strip() for part in text.split(separators[0]) if part.strip()]
