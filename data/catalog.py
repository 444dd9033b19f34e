"""The catalogue: plans and add-ons, and which of them a Stripe product is."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

from pydantic import Field, ValidationError, model_validator

from data import config
from data.approval_rules import ApprovalRule
from data.list_prices import ListPrice, Part, Rule

__all__ = [
    "Addon",
    "Catalog",
    "CatalogError",
    "Credit",
    "ListPrice",
    "Plan",
    "Recognised",
    "UptimeTier",
    "current",
    "family",
    "load",
]

DEFAULT_FILE = Path(__file__).with_name("catalog.toml")


class CatalogError(Exception):
    """The catalogue cannot be used; the message names the file and says what is wrong, a sentence a line."""


class Entry(Part):
    """What plans and add-ons share: a name, a place in the order, and how products are recognised."""

    key: str
    name: str
    rank: int
    products: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    list_prices: tuple[ListPrice, ...] = ()
    rule: Rule = "per_unit"
    percent: Decimal | None = Field(None, gt=0, le=100)  # of the plan's list price, where that is the rule
    requires: tuple[str, ...] = ()  # keys, one of which has to be in the same quote
    excludes: tuple[str, ...] = ()  # keys, none of which may be

    @model_validator(mode="after")
    def _prices_follow_the_rule(self) -> "Entry":
        if (self.rule == "percent") != (self.percent is not None):
            raise ValueError(f"{self.key}: the rule percent and the field percent belong together")
        for price in self.list_prices:
            if wrong := price.wrong(self.rule):
                raise ValueError(f"{self.key}, {price.code} in {price.currency}: {wrong}")
        return self

    def list_price(self, currency: str, code: str) -> ListPrice | None:
        """What is listed in a currency for an interval such as "3month"."""
        same = (each for each in self.list_prices if each.currency == currency and each.code == code)
        return next(same, None)

    def all_names(self) -> Iterator[str]:
        """The names that recognise it, without upper case."""
        return (name.casefold() for name in (self.name, *self.names))


class Plan(Entry):
    """A plan: a customer is on one of them."""

    self_serve: bool
    capacity_unit: str
    benefits: tuple[str, ...] = ()
    limits: dict[str, int] = Field(default_factory=dict)  # what the plan gives at most, by its name


class Credit(Part):
    """A line of a credit table: the share of a month's fee, in percent, for an uptime below a percentage."""

    below: Decimal
    percent: int = Field(ge=0, le=100)


class UptimeTier(Part):
    """An uptime that is promised, in percent, and its credits."""

    uptime: Decimal
    credits: tuple[Credit, ...]
    times: Decimal = Field(Decimal(1), gt=0)  # the list price is that of the add-on, so many times

    def credit(self, uptime: Decimal) -> int:
        """The share of a month's fee to give back for its uptime, both in percent; 0 when it was kept."""
        missed = [line for line in self.credits if uptime < line.below]
        return min(missed, key=lambda line: line.below).percent if missed else 0

    @property
    def table(self) -> list[list[Any]]:
        """The credits as they are kept with a contract: ["99.9", 10] for 10% below 99.9%."""
        return [[str(line.below), line.percent] for line in self.credits]

    @classmethod
    def of(cls, uptime: str, table: Sequence[Sequence[Any]]) -> "UptimeTier":
        """A tier as a contract has it, whatever the catalogue says by now."""
        lines = [{"below": below, "percent": percent} for below, percent in table]
        return cls.model_validate({"uptime": uptime, "credits": lines})


class Addon(Entry):
    """Something sold beside a plan; its kind says what setting it up needs."""

    kind: Literal["single_sign_on", "custom_domain", "uptime_sla", "other"] = "other"
    tiers: tuple[UptimeTier, ...] = ()
    excluded: str = ""  # what does not count as downtime, in a sentence


class Recognise(Part):
    """The metadata keys by which a product in Stripe says what it is."""

    plan_metadata: str = "plan"
    addon_metadata: str = "addon"


class Recognised(NamedTuple):
    """What a product is: the plan or add-on of that name, or, as "other", just itself."""

    kind: Literal["plan", "addon", "other"]
    name: str
    rank: int | None  # the order in the catalogue; None: not in it


class Catalog(Part):
    """Everything the company sells."""

    recognise: Recognise = Recognise()
    plan: tuple[Plan, ...]
    addon: tuple[Addon, ...] = ()
    approval: tuple[ApprovalRule, ...] = ()

    @property
    def entries(self) -> tuple[Plan | Addon, ...]:
        """Plans, then add-ons."""
        return (*self.plan, *self.addon)

    @model_validator(mode="after")
    def _each_word_means_one_entry(self) -> "Catalog":
        for word in ("key", "name", "products", "prefixes"):
            owners: dict[str, str] = {}
            for entry in self.entries:
                for value in _words(entry, word):
                    if owners.setdefault(value, entry.key) != entry.key:
                        raise ValueError(f"{word} {value!r} stands for {owners[value]} and for {entry.key}")
        return self

    @model_validator(mode="after")
    def _each_price_is_listed_once(self) -> "Catalog":
        for entry in self.entries:
            seen = set()
            for price in entry.list_prices:
                term = (price.currency, price.interval, price.interval_count)
                if term in seen:
                    every = f"{price.interval_count} {price.interval}"
                    raise ValueError(f"{entry.key} has two list prices in {price.currency} for {every}")
                seen.add(term)
        return self

    @model_validator(mode="after")
    def _rules_name_entries(self) -> "Catalog":
        keys = {entry.key for entry in self.entries}
        for entry in self.entries:
            if unknown := sorted({*entry.requires, *entry.excludes} - keys):
                raise ValueError(f"{entry.key} requires or excludes {unknown[0]!r}, which nothing is")
            if isinstance(entry, Plan) and entry.rule == "percent":
                raise ValueError(f"{entry.key} is a plan, and no share of one")
        return self

    def entry(self, key: str) -> Plan | Addon | None:
        """What has a key."""
        return next((entry for entry in self.entries if entry.key == key), None)

    def recognised(self, product_id: str, name: str | None, metadata: Mapping[str, Any] | None) -> Recognised:
        """Which plan or add-on a Stripe product is; one that is not recognised stays itself."""
        known = metadata or {}
        entry = self._by_product(product_id) or self._by_metadata(known) or self._by_name(name or "")
        if entry is not None:
            return Recognised("plan" if isinstance(entry, Plan) else "addon", entry.name, entry.rank)
        return Recognised(self._said_kind(known), name or product_id, None)

    def _said_kind(self, metadata: Mapping[str, Any]) -> Literal["plan", "addon", "other"]:
        """What a product that is not in the catalogue says it is."""
        if _said(metadata, self.recognise.plan_metadata) not in NOTHING:
            return "plan"
        return "other" if _said(metadata, self.recognise.addon_metadata) in NOTHING else "addon"

    def _by_product(self, product_id: str) -> Plan | Addon | None:
        return next((entry for entry in self.entries if product_id in entry.products), None)

    def _by_metadata(self, metadata: Mapping[str, Any]) -> Plan | Addon | None:
        plan = _said(metadata, self.recognise.plan_metadata)
        addon = _said(metadata, self.recognise.addon_metadata)
        plans = (entry for entry in self.plan if plan in (entry.key.casefold(), *entry.all_names()))
        addons = (entry for entry in self.addon if addon in (entry.key.casefold(), *entry.all_names()))
        return next(plans, None) or next(addons, None)

    def _by_name(self, name: str) -> Plan | Addon | None:
        folded = name.strip().casefold()
        exact = next((entry for entry in self.entries if folded in entry.all_names()), None)
        if exact is not None:
            return exact
        begun = [
            (len(prefix), entry)
            for entry in self.entries
            for prefix in entry.prefixes
            if prefix and folded.startswith(prefix.casefold())
        ]
        return max(begun, key=lambda pair: pair[0])[1] if begun else None


NOTHING = ("", "false", "no", "0", "none")


def _said(metadata: Mapping[str, Any], key: str) -> str:
    """What metadata says under a key, without upper case; empty when it says nothing."""
    return str(metadata.get(key, "")).strip().casefold()


def _words(entry: Entry, word: str) -> Iterator[str]:
    if word == "name":
        return entry.all_names()
    value = getattr(entry, word)
    return (each.casefold() for each in ((value,) if isinstance(value, str) else value))


@lru_cache(maxsize=8)
def load(path: Path = DEFAULT_FILE) -> Catalog:
    """The catalogue in a TOML file, checked. Raises CatalogError."""
    try:
        with path.open("rb") as file:
            return Catalog.model_validate(tomllib.load(file))
    except OSError as error:
        raise CatalogError(f"The catalogue {path} cannot be read: {error.strerror}.") from None
    except tomllib.TOMLDecodeError as error:
        raise CatalogError(f"The catalogue {path} is not TOML: {error}.") from None
    except ValidationError as error:
        raise CatalogError("\n".join(_sentence(path, dict(part)) for part in error.errors())) from None


def _sentence(path: Path, error: Mapping[str, Any]) -> str:
    where = ".".join(str(step) for step in error["loc"])
    message = str(error["msg"]).removeprefix("Value error, ")
    return f"The catalogue {path} is wrong{f' at {where}' if where else ''}: {message}."


def current() -> Catalog:
    """The catalogue that the settings name, else the one that comes with the app. Raises CatalogError."""
    return load(config.settings().catalog_file or DEFAULT_FILE)


def family(product_id: str, name: str | None, metadata: Mapping[str, Any] | None) -> Recognised:
    """Which plan or add-on of the current catalogue a Stripe product is."""
    return current().recognised(product_id, name, metadata)
