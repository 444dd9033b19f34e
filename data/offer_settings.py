"""Settings of what goes to customers with a quote: who sells, and under which terms."""

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings

from data.sign_in_settings import address


class OfferSettings(BaseSettings):
    """What an order form says of the company."""

    seller_name: str = Field("Your company", description="The company's name on order forms.")
    seller_address: str = Field("", description="Its address on order forms, lines separated by commas.")
    seller_email: str = Field("", description="Where customers answer to an order form.")
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

    @field_validator("customer_url")
    @classmethod
    def _where(cls, value: str | None) -> str | None:
        return address(value)
