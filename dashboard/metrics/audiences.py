"""Customers by country, segment and account manager: the choices there are, and the audiences they mean."""

from collections.abc import Mapping, Sequence

import pandas as pd

from dashboard.metrics.text import known

ATTRIBUTES = {"country": "Country", "segment": "Segment", "manager": "Account manager"}
"""The attributes to filter by, as the address names them, and their headings."""
COLUMNS = {"country": "country", "segment": "segment", "manager": "account_manager"}
UNKNOWN = "Unknown"


def options(audiences: pd.DataFrame) -> dict[str, list[str]]:
    """The values of each attribute that has more than one, in order, what is not known last."""
    if audiences.empty:
        return {}
    found = {name: _values(audiences, name) for name in ATTRIBUTES}
    return {name: values for name, values in found.items() if len(values) > 1}


def _values(audiences: pd.DataFrame, name: str) -> list[str]:
    values = set(_told(audiences, name))
    return sorted(values - {UNKNOWN}, key=str.casefold) + [UNKNOWN] * (UNKNOWN in values)


def _told(audiences: pd.DataFrame, name: str) -> list[str]:
    return [known(value) or UNKNOWN for value in _single(audiences)[COLUMNS[name]]]


def _single(audiences: pd.DataFrame) -> pd.DataFrame:
    """Without the row of everybody, which is no audience of its own."""
    return audiences.loc[audiences["id"] != 0]


def chosen(audiences: pd.DataFrame, wanted: Mapping[str, Sequence[str]]) -> tuple[int, ...] | None:
    """The ids of the audiences that have one of the values wanted of each attribute; None: everybody."""
    asked = {name: set(values) for name, values in wanted.items() if values}
    if not asked:
        return None
    rows = _single(audiences)
    fits = pd.Series(True, index=rows.index)
    for name, values in asked.items():
        fits &= pd.Series([told in values for told in _told(audiences, name)], index=rows.index)
    return tuple(sorted(int(each) for each in rows.loc[fits, "id"]))
