"""How the company's tables become accounts and use: one SELECT each, with named columns."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator
from sqlalchemy import Date, Table, TextClause, bindparam, text

from data.application.errors import MappingError
from data.application.statements import objection, only
from data.application.values import as_day, as_instant, as_text, as_whole
from data.tables import application

# The names of the database that data.sandbox.company makes; a company's own come from the settings.
GENERATED_ACCOUNTS = """
select w.workspace_id as account_id, w.title as name, w.admin_contact as owner, b.tier as plan,
       b.seats_purchased as capacity, w.success_team as account_manager, w.size_band as segment,
       w.country_code as country, w.opened_at as created_at, b.billing_ref as stripe_customer_id
from workspaces w
left join workspace_billing b on b.workspace_id = w.workspace_id
where w.closed_at is null
"""
GENERATED_USE = """
select workspace_id as account_id, usage_date as day, seats_active as used
from seat_usage
where usage_date >= :since
"""


@dataclass(frozen=True)
class Entity:
    """What one SELECT must give: its setting, its columns and how each value is read."""

    setting: str
    table: Table
    columns: Mapping[str, Callable[[Any], Any]]
    key: tuple[str, ...]


ACCOUNTS = Entity(
    "APPLICATION_ACCOUNTS_SQL",
    application.account,
    {
        "account_id": as_text,
        "name": as_text,
        "owner": as_text,
        "plan": as_text,
        "capacity": as_whole,
        "account_manager": as_text,
        "segment": as_text,
        "country": as_text,
        "created_at": as_instant,
        "stripe_customer_id": as_text,
    },
    ("account_id",),
)
USE = Entity(
    "APPLICATION_USE_SQL",
    application.account_use,
    {"account_id": as_text, "day": as_day, "used": as_whole},
    ("account_id", "day"),
)


ADDONS = Entity(
    "APPLICATION_ADDONS_SQL",
    application.account_addon,
    {"account_id": as_text, "addon": as_text, "live_since": as_instant},
    ("account_id", "addon"),
)


class ApplicationMapping(BaseModel):
    """The SELECTs; without any, those for the generated application database, which knows no add-ons.

    Raises MappingError with a sentence for each SELECT that is not a single one that only reads.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    accounts: str = GENERATED_ACCOUNTS
    use: str = GENERATED_USE
    addons: str | None = None  # None: nothing says which add-ons are live

    @model_validator(mode="after")
    def _only_read(self) -> "ApplicationMapping":
        wrong = _faults(ACCOUNTS, self.accounts, ()) + _faults(USE, self.use, ("since",))
        wrong += _faults(ADDONS, self.addons, ()) if self.addons else []
        if wrong:
            raise MappingError("\n".join(wrong))
        return self

    @property
    def statements(self) -> list[tuple[Entity, str]]:
        """Each entity that is mapped, with its SELECT."""
        pairs = ((ACCOUNTS, self.accounts), (USE, self.use), (ADDONS, self.addons))
        return [(entity, sql) for entity, sql in pairs if sql]


def _faults(entity: Entity, sql: str, parameters: tuple[str, ...]) -> list[str]:
    reason = objection(sql)
    if reason:
        return [f"{entity.setting} {reason}."]
    unknown = sorted(parameters_of(sql) - set(parameters))
    return [f"{entity.setting} has the parameter :{name}, which has no value here." for name in unknown]


def parameters_of(sql: str) -> set[str]:
    """The names of a statement's :parameters."""
    return set(text(sql).compile().params)


def statement(sql: str) -> TextClause:
    """A SELECT of the mapping, ready to run; :since is a date."""
    clause = text(only(sql))
    return clause.bindparams(bindparam("since", type_=Date)) if "since" in parameters_of(sql) else clause
