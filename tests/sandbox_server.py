"""The sandbox's real server in a thread, for tests that speak HTTP."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from data.sandbox.api.serving import bound, server_of, url_of
from data.sandbox.store import Store

API_KEY = "sk_test_sandbox"


@contextmanager
def running(store: Store, api_key: str | None = None) -> Iterator[str]:
    """Serve a store on a free port; gives the base address, such as http://127.0.0.1:40123."""
    with bound("127.0.0.1", 0) as listener:
        server = server_of(store, api_key)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            while not server.started:
                assert thread.is_alive(), "the sandbox did not start"
                time.sleep(0.005)
            yield url_of(listener)
        finally:
            server.should_exit = True
            thread.join()
