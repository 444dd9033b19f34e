"""Settings of what goes to customers with a quote: who sells, and under which terms."""

from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode

from data.sign_in_settings import address

AUTOMATIC = "automatic"
"""Stripe Tax works taxes out."""


class OfferSettings(BaseSettings):
    """What an order form says of the company."""

    seller_name: str = Field("Your company", description="The company's name on order forms.")
    seller_address: str = Field("", description="Its address on order forms, lines separated by commas.")
    seller_email: str = Field("", description="Where customers answer to an order form.")
    quote_tax: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Taxes of what quotes and people sell: automatic (Stripe Tax works them out), or ids of "
        "tax rates at Stripe, separated by commas; without it none.",
    )
    customer_url: str | None = Field(
        None,
        description="The address at which customers open links to their quotes, such as "
        "https://offers.example.com; without it PUBLIC_URL.",
    )
    order_terms: str = Field(
        "Fees are due as stated above and exclude taxes. The subscription runs for the term stated above and "
        "cannot be ended before it, other than for cause. Capacity can be added at any time at the prices "
        "stated above. The terms of service of the seller apply, unless this order form says otherwise.",
        description="The standard terms printed on order forms.",
    )

    @field_validator("quote_tax", mode="before")
    @classmethod
    def _taxes(cls, value: object) -> object:
        found = (
            tuple(each.strip() for each in value.split(",") if each.strip())
            if isinstance(value, str)
            else value
        )
        if isinstance(found, tuple) and found != (AUTOMATIC,) and not all(map(_is_rate, found)):
            raise ValueError(
                f"must be {AUTOMATIC}, or ids of tax rates such as txr_1ABC, separated by commas"
            )
        return found

    @field_validator("customer_url")
    @classmethod
    def _where(cls, value: str | None) -> str | None:
        return address(value)


def _is_rate(text: str) -> bool:
    return text.startswith("txr_") and text.replace("_", "").isalnum()
