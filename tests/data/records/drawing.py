"""Objects drawn from Stripe's published API description: every optional field may be absent or null."""

import json
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any

import pytest

Schema = dict[str, Any]
SCALARS: dict[str, list[Any]] = {
    "string": ["", "x", "1.25", "Zoë & <b>Söhne</b> 株式会社", "x" * 300],
    "integer": [0, 1, -5, 1767225600, 2**40],
    "number": [0.0, 12.5, 33.333333, 100],
    "boolean": [True, False],
}
UNKNOWN = {"string": ["unheard_of"]}
TIMES = [0, 1, 951782400, 1767225600, 4102444800]
DEEPEST = 5


@lru_cache(maxsize=1)
def schemas() -> dict[str, Schema]:
    """The description's schemas by name; skips where the file is absent."""
    path = Path(__file__).resolve().parents[4] / "shared" / "stripe-openapi.json"
    if not path.is_file():
        pytest.skip("Stripe's API description is not beside this checkout")
    found: dict[str, Schema] = json.loads(path.read_text(encoding="utf-8"))["components"]["schemas"]
    return found


def draw(schema: Schema, random: Random, depth: int = 0) -> Any:
    """A value that fits the schema; optional and nullable parts come and go."""
    if schema.get("nullable") and random.random() < 0.3:
        return None
    if "$ref" in schema:
        return draw(schemas()[schema["$ref"].rsplit("/", 1)[-1]], random, depth)
    if "anyOf" in schema:
        return draw(_choice(schema["anyOf"], random, depth), random, depth)
    if "enum" in schema:
        return (
            random.choice([*schema["enum"], "unheard_of"])
            if schema["type"] == "string"
            else schema["enum"][0]
        )
    if schema.get("format") == "unix-time":
        return random.choice(TIMES)
    if schema.get("type") == "array":
        return [draw(schema["items"], random, depth + 1) for _ in range(random.randint(0, depth < DEEPEST))]
    if "properties" in schema:
        return _object(schema, random, depth)
    return random.choice(SCALARS[schema["type"]]) if schema.get("type") in SCALARS else {}


def _choice(options: list[Schema], random: Random, depth: int) -> Schema:
    plain = [option for option in options if "$ref" not in option]
    return random.choice(plain if plain and depth >= DEEPEST else options)


MARKED: Schema = {"type": "integer", "format": "unix-time"}
"""What `created` is everywhere, though not every schema says so."""


def _object(schema: Schema, random: Random, depth: int) -> dict[str, Any]:
    required = schema.get("required", [])
    kept = 0.7 if depth < DEEPEST else 0.0
    return {
        name: f"{name}_{random.randrange(10**9)}"
        if name == "id"
        else draw(MARKED if name == "created" else part, random, depth + 1)
        for name, part in schema["properties"].items()
        if name in required or random.random() < kept
    }
