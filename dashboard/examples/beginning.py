"""Whether a business begins with examples, and their making: all of them, or none."""

import logging
import time
from importlib import import_module
from pathlib import Path
from urllib.parse import unquote

import requests

from data.config import Settings

LOG = logging.getLogger(__name__)
DAYS = 75
"""How long before the present the examples begin."""
SQLITE = "sqlite:///"
PATIENCE = 120  # seconds that the sandbox may take to let days pass


def days(settings: Settings) -> int:
    """How many days before its end a fresh sandbox is to wait for the examples; 0: there are to be none.

    They are made where everybody chooses a role, of the catalogue that comes with the app, and in a file
    that does not exist yet.
    """
    file = _file(settings)
    fits = settings.lets_choose_role and settings.catalog_file is None
    return DAYS if fits and file is not None and not file.exists() else 0


def _file(settings: Settings) -> Path | None:
    """The app's own database, where it is a file."""
    url = settings.database_url.get_secret_value()
    return Path(unquote(url.removeprefix(SQLITE))) if url.startswith(SQLITE) and "?" not in url else None


def begin(chosen: Settings) -> None:
    """Make the examples, then let the sandbox tell the rest of its history.

    They are made in a file beside the app's own, which takes its place when all is done: whatever is cut
    short or fails leaves nothing behind.
    """
    file = _file(chosen)
    assert file is not None
    aside = file.with_name(f"{file.name}-examples")
    _gone(aside)
    made = _played(chosen, f"{SQLITE}{aside}")
    pass_time(chosen, int(time.time()))
    if made:
        aside.replace(file)
    _gone(aside)


def _played(chosen: Settings, url: str) -> bool:
    logging.disable(logging.INFO)  # what is done at the sandbox is no news
    try:
        import_module("dashboard.examples.playing").play(chosen, url)
    except Exception as error:
        LOG.warning("Examples could not be made, so the business begins without them: %r", error)
        LOG.debug("How", exc_info=True)
        return False
    finally:
        logging.disable(logging.NOTSET)
    return True


def _gone(file: Path) -> None:
    for end in ("", "-wal", "-shm", "-inbox", "-sync"):
        file.with_name(f"{file.name}{end}").unlink(missing_ok=True)


def pass_time(chosen: Settings, to: int) -> None:
    """Let the sandbox's clock go on to an instant, epoch seconds. Raises requests.RequestException."""
    answer = requests.post(f"{chosen.stripe_api_base}/sandbox/clock", json={"to": to}, timeout=PATIENCE)
    answer.raise_for_status()
