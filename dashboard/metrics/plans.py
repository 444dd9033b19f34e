"""Products as plans: which products make a plan, their order and their colour."""

from collections.abc import Collection

import pandas as pd


def names(products: pd.DataFrame) -> dict[str, str]:
    """Plan by product id."""
    return dict(zip(products["product_id"], products["plan"], strict=True))


def with_plan(frame: pd.DataFrame, products: pd.DataFrame) -> pd.DataFrame:
    """The frame with a plan column; a product that was never read goes by its id."""
    known = names(products)
    named = [known.get(each, each) for each in frame["product_id"]]
    return frame.assign(plan=pd.Series(named, index=frame.index, dtype="object"))


def order(products: pd.DataFrame, present: Collection[str]) -> list[str]:
    """The product ids that are present, as plans in the catalogue's order, each plan once."""
    known = products.loc[products["product_id"].isin(list(present))]
    ranked = known.sort_values(["rank", "plan"], na_position="last")["plan"].drop_duplicates()
    unknown = sorted(set(present) - set(products["product_id"]))
    return [str(plan) for plan in ranked] + unknown


def products_of(products: pd.DataFrame, plans: Collection[str]) -> frozenset[str]:
    """The ids of the products that make up these plans; a plan that is no product's name is an id itself."""
    ids = products.loc[products["plan"].isin(list(plans)), "product_id"]
    return frozenset(map(str, ids)) | frozenset(plans) - frozenset(products["plan"])


def colours(products: pd.DataFrame) -> dict[str, int]:
    """Place in the palette by plan: the same for a plan on every page, whatever is filtered."""
    ranked = products.sort_values(["rank", "plan"], na_position="last").drop_duplicates("plan")
    return {str(plan): int(index) for plan, index in zip(ranked["plan"], ranked["colour_index"], strict=True)}


def by_any_case(colours: dict[str, int], plans: Collection[str]) -> dict[str, int]:
    """The colours for plans as another database writes them: "business" is Business."""
    folded = {plan.casefold(): index for plan, index in colours.items()}
    return {plan: folded[plan.casefold()] for plan in plans if plan.casefold() in folded}
