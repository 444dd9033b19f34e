"""Query strings and form bodies as Stripe reads them: nested names, lists, and readable refusals."""

import re
from typing import Any
from urllib.parse import parse_qsl

from data.sandbox.api.errors import StripeError, invalid, unknown_parameters

Parameters = dict[str, Any]
_NESTED = re.compile(r"\[([^\[\]]*)\]")


def parsed(text: str) -> Parameters:
    """ "a=1&created[gte]=2&expand[]=x" as {"a": "1", "created": {"gte": "2"}, "expand": ["x"]}."""
    tree: Parameters = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        first = name.split("[", 1)[0]
        _place(tree, [first, *_NESTED.findall(name)], value)
    return {name: _listed(value) for name, value in tree.items()}


def _place(tree: Parameters, path: list[str], value: str) -> None:
    key = path[0] or str(len(tree))
    if len(path) == 1:
        tree[key] = value
        return
    inner = tree.setdefault(key, {})
    if not isinstance(inner, dict):
        raise invalid(path[0], f"Invalid object: {path[0]}")
    _place(inner, path[1:], value)


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {key: _listed(each) for key, each in value.items()}
    if inner and all(key.isdigit() for key in inner):
        return [inner[key] for key in sorted(inner, key=int)]
    return inner


def only_known(parameters: Parameters, known: set[str]) -> None:
    """Refuse parameters that the endpoint does not have."""
    unknown = [name for name in parameters if name not in known]
    if unknown:
        raise unknown_parameters(unknown)


def text(parameters: Parameters, name: str) -> str | None:
    """A parameter that must be a non-empty text, or None when it is absent."""
    value = parameters.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise invalid(name, f"Invalid string: {value}")
    if not value:
        raise emptied(name)
    return value


def emptied(name: str) -> StripeError:
    """An empty text where a parameter cannot be unset."""
    return invalid(
        name,
        f"You passed an empty string for '{name}'. We assume empty values are an attempt to unset a"
        f" parameter; however '{name}' cannot be unset. You should remove '{name}' from your request or"
        " supply a non-empty value.",
        "parameter_invalid_empty",
    )


def whole(name: str, value: Any) -> int:
    """A whole number."""
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,18}", value):
        return int(value)
    raise invalid(name, f"Invalid integer: {value}", "parameter_invalid_integer")


def truth(name: str, value: Any) -> bool:
    """true or false."""
    if value in ("true", "false"):
        return bool(value == "true")
    raise invalid(name, f"Invalid boolean: {value}")


def listing(name: str, value: Any) -> list[str]:
    """A list of texts."""
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return value
    raise invalid(name, "Invalid array")
