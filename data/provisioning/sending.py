"""What waits in the outbox, posted to the company's own system and signed as Stripe signs its webhooks."""

import hashlib
import hmac
import logging
import threading
from collections.abc import Sequence
from datetime import datetime

import orjson
import urllib3
from urllib3.exceptions import HTTPError, NewConnectionError, SSLError
from urllib3.exceptions import TimeoutError as SlowError

from data import clock, watching
from data.addon_settings import AddonSettings
from data.config import Settings
from data.provisioning import outbox
from data.provisioning.outbox import Claimed

LOG = logging.getLogger(__name__)
SIGNATURE = "Provisioning-Signature"
WAKES = 5.0  # seconds between two looks for what waits
SECONDS = 10.0  # for one answer
LATE = f"It did not answer in {SECONDS:.0f} seconds."
UNREACHED = "It cannot be reached, or its answer broke off."
TIMEOUT = urllib3.Timeout(total=SECONDS)


def body(asked: Claimed) -> bytes:
    """What is posted: id, type, created (the request's), customer, subject and data."""
    told = {
        "id": asked.id,
        "type": asked.type,
        "created": int(asked.created_at.timestamp()),
        "customer": asked.customer_id,
        "subject": asked.subject,
        "data": asked.body,
    }
    return orjson.dumps(told, option=orjson.OPT_SORT_KEYS)


def signature(posted: bytes, secrets: Sequence[str], at: datetime) -> str:
    """t=<epoch>,v1=<hex> with a v1 for each secret: HMAC-SHA256 of "<epoch>.<body>".

    The scheme of https://docs.stripe.com/webhooks#verify-manually.
    """
    stamp = str(int(at.timestamp()))
    signed = f"{stamp}.".encode() + posted
    marks = (hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in secrets)
    return ",".join((f"t={stamp}", *(f"v1={mark}" for mark in marks)))


def post(settings: AddonSettings, asked: Claimed) -> str | None:
    """Post one request; why it was not acknowledged, in words, or None when it was."""
    posted = body(asked)
    headers = {
        "Content-Type": "application/json",
        "Idempotency-Key": asked.id,
        SIGNATURE: signature(posted, settings.provisioning_keys, clock.now()),
    }
    pool = urllib3.PoolManager(retries=False, timeout=TIMEOUT)
    try:
        with pool.request(
            "POST", str(settings.provisioning_url), body=posted, headers=headers, redirect=False,
            preload_content=False,
        ) as answer:  # fmt: skip
            if 200 <= answer.status < 300:
                return None
            return f"It answered with status {answer.status}."
    except SSLError:
        return "Its certificate does not hold."
    except SlowError as error:  # which a refused connection is too
        return UNREACHED if isinstance(error, NewConnectionError) else LATE
    except (HTTPError, OSError, ValueError):
        return UNREACHED
    finally:
        pool.clear()


def send(settings: Settings, stop: threading.Event) -> int:
    """Post what waits now; how many were acknowledged. Raises NotChangedError."""
    if not settings.provisioning_url:
        return 0
    url, done = settings.database_url.get_secret_value(), 0
    for asked in outbox.claim(url):
        if stop.is_set():
            break
        trouble = post(settings, asked)
        if trouble is None:
            outbox.acknowledged(url, asked)
            done += 1
        else:
            LOG.warning("The request %s was not acknowledged: %s", asked.id, trouble)
            outbox.failed(url, asked, trouble)
    return done


def watch(settings: Settings, stop: threading.Event) -> None:
    """Send what waits until told to stop; failures are logged and tried again."""
    watching.again(stop, WAKES, lambda: send(settings, stop), LOG, "Provisioning requests were not sent")
