"""Stripe's published API description as JSON schemas, and as lists of what each endpoint takes."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from data.sandbox.api.parameters import parsed

Json = dict[str, Any]
PATH = Path(__file__).resolve().parents[2] / "shared" / "stripe-openapi.json"
_ADDRESS = "urn:stripe"


@cache
def description() -> Json:
    """The description; skips the test where it is absent."""
    if not PATH.is_file():
        pytest.skip("Stripe's API description is not beside this checkout")
    loaded: Json = json.loads(PATH.read_bytes())
    return loaded


def query_parameters(path: str) -> set[str]:
    """The names that GET takes in the query at a path of the description."""
    parameters = description()["paths"][path]["get"].get("parameters", [])
    return {parameter["name"] for parameter in parameters if parameter["in"] == "query"}


def with_null(schema: Any) -> Any:
    """OpenAPI 3.0's `nullable` said in JSON Schema; everything else as it is."""
    if isinstance(schema, list):
        return [with_null(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {name: with_null(value) for name, value in schema.items() if name != "nullable"}
    return {"anyOf": [{"type": "null"}, plain]} if schema.get("nullable") is True else plain


@cache
def _registry() -> Any:
    schemas = with_null(description()["components"]["schemas"])
    document = {"components": {"schemas": schemas}}
    return Registry().with_resource(_ADDRESS, Resource.from_contents(document, DRAFT202012))


@cache
def _validator(pointer: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": f"{_ADDRESS}#{pointer}"}, registry=_registry())


@cache
def _answer_validator(path: str, method: str) -> Draft202012Validator:
    content = description()["paths"][path][method]["responses"]["200"]["content"]
    schema = json.loads(json.dumps(with_null(content["application/json"]["schema"])), object_hook=_absolute)
    return Draft202012Validator(schema, registry=_registry())


def _absolute(schema: Json) -> Json:
    if isinstance(schema.get("$ref"), str):
        return {**schema, "$ref": f"{_ADDRESS}{schema['$ref']}"}
    return schema


def object_problems(obj: Json) -> list[str]:
    """What is wrong with an object, by the schema that its `object` names."""
    validator = _validator(f"/components/schemas/{obj['object']}")
    return _told(validator.iter_errors(_without_quirks(obj)), obj.get("id", "?"))


def answer_problems(path: str, answer: Json, method: str = "get") -> list[str]:
    """What is wrong with an endpoint's answer; path as the description writes it."""
    return _told(_answer_validator(path, method).iter_errors(_without_quirks(answer)), path)


def _told(errors: Iterator[Any], where: str) -> list[str]:
    return [f"{where} {error.json_path}: {error.message[:200]}" for error in errors]


def _without_quirks(value: Any) -> Any:
    """The maker of the reference account writes null where Stripe leaves radar_options out."""
    if isinstance(value, list):
        return [_without_quirks(each) for each in value]
    if not isinstance(value, dict):
        return value
    kept = {name: each for name, each in value.items() if name != "radar_options" or each is not None}
    return {name: _without_quirks(each) for name, each in kept.items()}


def request_problems(method: str, path: str, query: str) -> list[str]:
    """What is wrong with a request: its path, the names of its parameters, their values."""
    known = description()["paths"].get(_template(method, path))
    if known is None:
        return [f"{method} {path} is not described"]
    described = {each["name"]: each["schema"] for each in known[method.lower()].get("parameters", [])}
    told = parsed(query)
    problems = [f"{path} does not take {name}" for name in told if name not in described]
    for name, value in told.items():
        if name in described and not any(_fits(described[name], each) for each in (value, _typed(value))):
            problems.append(f"{path} does not take {value!r} as {name}")
    return problems


def described_body(method: str, path: str) -> Json:
    """The schema of what a request carries; an object of named parameters takes no others."""
    known = description()["paths"][_template(method, path)][method]["requestBody"]["content"]
    schema: Json = json.loads(json.dumps(next(iter(known.values()))["schema"]), object_hook=_closed)
    return schema


def _template(method: str, path: str) -> str:
    parts = path.split("/")
    fitting = [
        template
        for template, methods in description()["paths"].items()
        if method.lower() in methods and _matches(template.split("/"), parts)
    ]
    return min(fitting, key=lambda template: template.count("{"), default="")


def _matches(template: list[str], parts: list[str]) -> bool:
    return len(template) == len(parts) and all(
        wanted == given or wanted.startswith("{") for wanted, given in zip(template, parts, strict=True)
    )


def _fits(schema: Json, value: Any) -> bool:
    closed = json.loads(json.dumps(schema), object_hook=_closed)
    fits: bool = Draft202012Validator(closed).is_valid(value)
    return fits


def _closed(schema: Json) -> Json:
    """An object of named parameters takes no others."""
    return {"additionalProperties": False, **schema} if schema.get("type") == "object" else schema


def _typed(value: Any) -> Any:
    """A query says everything in text: numbers and truths as such."""
    if isinstance(value, dict):
        return {name: _typed(each) for name, each in value.items()}
    if isinstance(value, str) and value.lstrip("-").isdigit():
        return int(value)
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value
