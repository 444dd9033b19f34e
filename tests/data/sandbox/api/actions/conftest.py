"""A scenario whose objects are reached over HTTP, each answer checked against Stripe's description."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from data.sandbox.store import Store
from tests.data.sandbox.conftest import speaking
from tests.data.sandbox.scenario import Scenario
from tests.openapi import object_problems
from tests.sandbox_server import running

Json = dict[str, Any]


class Speaker:
    """Posts and deletes; refuses an answer that Stripe could not have sent."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client

    def post(self, path: str, status: int = 200, **data: Any) -> Json:
        """The answer to a POST under /v1/, its names with brackets given as a mapping `data`."""
        return self._checked(self.client.post(f"/v1/{path}", data=data.pop("data", data)), status)

    def delete(self, path: str, status: int = 200, **params: Any) -> Json:
        """The answer to a DELETE."""
        return self._checked(self.client.delete(f"/v1/{path}", params=params.pop("data", params)), status)

    @staticmethod
    def _checked(answer: httpx.Response, status: int) -> Json:
        assert answer.status_code == status, answer.text
        body: Json = answer.json()
        if not body.get("deleted"):
            assert object_problems(body if status == 200 else {"object": "error", **body}) == []
        return body if status == 200 else dict(body["error"])


@pytest.fixture
def speaker(store: Store, scenario: Scenario) -> Iterator[Speaker]:
    """Speaks to a server on the scenario's store."""
    with running(store) as url, speaking(url) as client:
        yield Speaker(client)
