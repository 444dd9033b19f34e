"""Numbers and days from what was typed, and what is wrong with it in words."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from data.money import decimals

MOST_AMOUNT = 10**10  # main units
LONGEST = 24  # letters of a number


@dataclass(frozen=True)
class Broken:
    """A rule that is broken: the field beside which to tell it, and a sentence."""

    field: str
    told: str


class Typed:
    """Fields that say something, and what is broken about them."""

    def __init__(self, fields: dict[str, Any]) -> None:
        self.fields = fields
        self.broken: list[Broken] = []

    def wrong(self, name: str, told: str) -> None:
        """Note what is wrong with a field."""
        self.broken.append(Broken(name, told))

    def whole(self, name: str, least: int, most: int) -> int | None:
        """A whole number; None where it is missing or outside."""
        value = self.fields.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            self.wrong(name, f"Give a whole number from {least:,} to {most:,}.")
            return None
        return value

    def day(self, name: str) -> date | None:
        """A day, where one is given."""
        if name not in self.fields:
            return None
        try:
            return date.fromisoformat(str(self.fields[name]))
        except ValueError:
            self.wrong(name, "This is not a day.")
            return None

    def percent(self, name: str) -> Decimal | None:
        """A percentage, where one is given."""
        value = self.decimal(name, "22.5", unit="%")
        if value is not None and not 0 < value <= 100:
            self.wrong(name, "A percentage is more than 0 and at most 100.")
            return None
        if value is not None and value != round(value, 2):
            self.wrong(name, "A percentage has at most two places after the point.")
            return None
        return value

    def amount(self, name: str, currency: str) -> int | None:
        """Minor units of what is typed in main units, where something is."""
        value = self.decimal(name, "1200.50" if decimals(currency) else "1200")
        if value is None:
            return None
        minor = value.scaleb(decimals(currency))
        if not 0 <= value <= MOST_AMOUNT or minor != minor.to_integral_value():
            places = decimals(currency)
            told = f"with at most {places} places after the point" if places else "in whole units"
            self.wrong(name, f"Give an amount in {currency.upper()} that is not negative, {told}.")
            return None
        return int(minor)

    def decimal(self, name: str, such: str, unit: str = "") -> Decimal | None:
        """A number as it was typed, its unit after it or not; thousands may be marked by spaces or commas."""
        if name not in self.fields:
            return None
        text = str(self.fields[name]).strip().removesuffix(unit).rstrip()
        text = re.sub(r"(?<=\d)[ ,](?=\d{3}(\D|$))", "", text) if len(text) <= LONGEST else ""
        value = Decimal(text) if re.fullmatch(r"-?\d+(\.\d+)?", text, re.ASCII) else None
        if value is None:
            self.wrong(name, f"Give a number such as {such}, with a point.")
        return value
