"""Letters that wait, handed to the mail server of the settings, again and again until it takes them."""

import logging
import threading

from data import letters, mail, watching
from data.config import Settings

LOG = logging.getLogger(__name__)
UNFORESEEN = "It could not be written as a mail: the log says why."
WAKES = 5.0  # seconds between two looks for what waits


def send(settings: Settings, stop: threading.Event) -> int:
    """Hand over what waits now; how many were taken. Raises NotChangedError."""
    if not settings.smtp_host:
        return 0
    url, done = settings.database_url.get_secret_value(), 0
    for each in letters.claim(url):
        if stop.is_set():
            break
        trouble = None
        try:
            mail.send(settings, each.recipient, each.subject, each.text)
            done += 1
        except mail.MailError as error:
            trouble = str(error)
            LOG.warning("A letter to one of our people was not sent: %s", error)
        except Exception:  # such as words that no mail can hold: the letters after it still go
            trouble = UNFORESEEN
            LOG.exception("A letter to one of our people was not sent")
        letters.settle(url, each, trouble)
    return done


def watch(settings: Settings, stop: threading.Event) -> None:
    """Send what waits until told to stop; failures are logged and tried again."""
    watching.again(stop, WAKES, lambda: send(settings, stop), LOG, "Letters were not sent")
