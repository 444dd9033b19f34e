"""A thread that sends events to the endpoints that want them, oldest first.

What is to be sent is kept in the store until a receiver has taken it, so a restart loses nothing.
"""

import threading
import time
from collections import deque
from typing import Any

import orjson
import requests

from data.sandbox.store import Store
from data.sandbox.webhooks.faults import WebhookFault
from data.sandbox.webhooks.signing import signature

Json = dict[str, Any]
ENDPOINTS, WAITING = "webhook_endpoints", "webhook_deliveries"
TIMEOUT = 10.0
PAUSES = (1.0, 2.0, 4.0, 8.0, 16.0)
"""Seconds before each further attempt, after which an event is given up; Stripe takes hours, up to days."""
_CURSOR = "webhook_cursor"
_BATCH, _REMEMBERED = 200, 10_000


class Deliveries:
    """Sends the events of one store; start and stop it with the server."""

    def __init__(self, store: Store, pauses: tuple[float, ...] = PAUSES) -> None:
        self.faults: list[WebhookFault] = []
        self.log: deque[Json] = deque(maxlen=_REMEMBERED)
        self._store, self._pauses = store, pauses
        self._session = requests.Session()
        self._session.trust_env = False
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to send; what waited since the last time goes first."""
        self._thread = threading.Thread(target=self._run, name="webhooks", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End after the delivery that is under way."""
        self._stopping.set()
        self._store.told.set()
        if self._thread is not None:
            self._thread.join()
        self._session.close()

    def waiting(self) -> int:
        """How many deliveries are still to be made or tried again."""
        return self._store.count(WAITING)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._store.told.clear()
            while self._plan():
                pass
            pause = self._send_due()
            self._store.told.wait(pause)

    def _plan(self) -> bool:
        """Note for each endpoint what it wants of the next events; whether there were any."""
        with self._store.transaction():
            known = list(self._store.all(ENDPOINTS))
            if not known:
                return False
            cursor = max(int(self._store.meta(_CURSOR) or 0), min(each["since"] for each in known))
            events = self._store.after("events", cursor, _BATCH)
            if not events:
                return False
            endpoints = [each for each in known if each["status"] == "enabled"]
            for place, body in events if endpoints else ():
                self._plan_one(place, orjson.loads(body), endpoints)
            self._store.set_meta(_CURSOR, str(events[-1][0]))
        return True

    def _plan_one(self, place: int, event: Json, endpoints: list[Json]) -> None:
        wanting = [each for each in endpoints if wants(each, place, event["type"])]
        for endpoint in wanting:
            fault = next((each for each in self.faults if each.meets(event["type"])), None)
            for number, delay in enumerate([0.0] if fault is None else fault.delays()):
                body = {**event, "pending_webhooks": len(wanting)}
                self._store.put(
                    WAITING,
                    {
                        "id": f"{endpoint['id']} {event['id']} {number}",
                        "created": place,
                        "endpoint": endpoint["id"],
                        "event": body,
                        "attempt": 0,
                        "due": time.time() + delay,
                    },
                )

    def _send_due(self) -> float | None:
        """Send what is due; seconds until the next is, None when nothing waits."""
        waiting = sorted(self._store.all(WAITING), key=lambda each: (each["due"], each["created"]))
        for each in waiting:
            if self._stopping.is_set():
                break
            if each["due"] > time.time():
                return float(max(0.01, each["due"] - time.time()))
            self._send(each)
        return 0.01 if waiting else None

    def _send(self, delivery: Json) -> None:
        endpoint = self._store.get(ENDPOINTS, delivery["endpoint"])
        if endpoint is None or endpoint["status"] != "enabled":
            self._store.delete(WAITING, delivery["id"])
            return
        status = self._posted(endpoint, orjson.dumps(delivery["event"]))
        attempt = delivery["attempt"] + 1
        told = {"endpoint": endpoint["id"], "event": delivery["event"]["id"], "status": status}
        self.log.append({**told, "type": delivery["event"]["type"], "attempt": attempt})
        if 200 <= status < 300 or attempt > len(self._pauses):
            self._store.delete(WAITING, delivery["id"])
        else:
            due = time.time() + self._pauses[attempt - 1]
            self._store.put(WAITING, {**delivery, "attempt": attempt, "due": due})

    def _posted(self, endpoint: Json, body: bytes) -> int:
        """The receiver's status; 0 where it could not be reached."""
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
            "Stripe-Signature": signature(body, endpoint["secret"], int(time.time())),
        }
        try:
            answer = self._session.post(
                endpoint["url"], body, headers=headers, timeout=TIMEOUT, allow_redirects=False
            )
        except requests.RequestException:
            return 0
        return answer.status_code


def wants(endpoint: Json, place: int, kind: str) -> bool:
    """Whether an endpoint was there when the event happened, and asked for its type."""
    asked = endpoint["enabled_events"]
    return bool(place > endpoint["since"] and ("*" in asked or kind in asked))


def newest_event(store: Store) -> int:
    """The place of the newest event: a new endpoint hears of what comes after it."""
    return store.newest("events")
