"""Products in Stripe are recognised as plans and add-ons, and never guessed."""

from decimal import Decimal
from pathlib import Path

import pytest

from data import config
from data.catalog import Catalog, CatalogError, Recognised, current, family, load
from tests.data.records.accounts import objects_of

SMALL = {
    "plan": [
        {"key": "a", "name": "Alpha", "rank": 1, "self_serve": True, "capacity_unit": "seat"},
        {"key": "b", "name": "Beta", "rank": 2, "self_serve": True, "capacity_unit": "seat"},
    ]
}


@pytest.mark.parametrize(
    ("name", "metadata", "expected"),
    [
        ("Free", {"tier": "0"}, Recognised("plan", "Free", 0)),
        ("Professional", {}, Recognised("plan", "Professional", 1)),
        ("Professional (2024)", {}, Recognised("plan", "Professional", 1)),
        (" business ", None, Recognised("plan", "Business", 2)),
        ("Enterprise", {}, Recognised("plan", "Enterprise", 3)),
        ("Anything", {"plan": "business"}, Recognised("plan", "Business", 2)),
        ("Free", {"plan": "Enterprise"}, Recognised("plan", "Enterprise", 3)),
        ("Professional services day 1", {}, Recognised("other", "Professional services day 1", None)),
        ("Priority Support", {"addon": "true"}, Recognised("addon", "Priority support", 13)),
        ("Weekly Reports", {"addon": "true"}, Recognised("addon", "Weekly Reports", None)),
        ("Weekly Reports", {"addon": "false"}, Recognised("other", "Weekly Reports", None)),
        ("Log-in", {"addon": "sso"}, Recognised("addon", "Single sign-on", 10)),
        ("SAML single sign-on", {}, Recognised("addon", "Single sign-on", 10)),
        ("Uptime SLA 99.95", {}, Recognised("addon", "Uptime SLA", 12)),
        ("Domain", {"addon": "custom_domain"}, Recognised("addon", "Custom domain", 11)),
        ("Starter", {"plan": "starter"}, Recognised("plan", "Starter", None)),
        ("Anything", {"plan": ""}, Recognised("other", "Anything", None)),
        (None, None, Recognised("other", "prod_1", None)),
        ("", {}, Recognised("other", "prod_1", None)),
    ],
)
def test_a_product_is_recognised(
    name: str | None, metadata: dict[str, str] | None, expected: Recognised
) -> None:
    assert load().recognised("prod_1", name, metadata) == expected


def test_ids_come_before_metadata_and_names() -> None:
    plans = [SMALL["plan"][0] | {"products": ["prod_7"]}, SMALL["plan"][1] | {"prefixes": ["Al", "Alphab"]}]
    catalog = Catalog.model_validate({"plan": plans})
    assert catalog.recognised("prod_7", "Beta", {"plan": "b"}).name == "Alpha"
    assert catalog.recognised("prod_8", "Alpha", {"plan": "b"}).name == "Beta"
    assert catalog.recognised("prod_8", "Alpha", {}).name == "Alpha"
    assert catalog.recognised("prod_8", "Alphabet", {}).name == "Beta"


def test_the_reference_account_has_five_plan_products_and_two_add_ons(stripe_account: Path) -> None:
    kinds: dict[str, list[str]] = {"plan": [], "addon": [], "other": []}
    for obj in objects_of(stripe_account, "products"):
        found = family(obj["id"], obj["name"], obj["metadata"])
        kinds[found.kind].append(found.name)
    assert sorted(kinds["plan"]) == ["Business", "Enterprise", "Free", "Professional", "Professional"]
    assert sorted(kinds["addon"]) == ["Priority support", "Weekly Reports"]
    assert len(kinds["other"]) == 45


@pytest.mark.parametrize(
    ("tier", "uptime", "credit"),
    [
        ("99.9", Decimal(43140) / 43200 * 100, 10),
        ("99.9", Decimal("99.9"), 0),
        ("99.9", Decimal("98.99"), 25),
        ("99.95", Decimal("99.9"), 10),
        ("99.99", Decimal("99.95"), 10),
        ("99.99", Decimal("99.5"), 25),
        ("99.99", Decimal("90"), 100),
    ],
)
def test_uptime_credits(tier: str, uptime: Decimal, credit: int) -> None:
    sla = next(addon for addon in load().addon if addon.kind == "uptime_sla")
    promised = next(each for each in sla.tiers if each.uptime == Decimal(tier))
    assert promised.credit(uptime) == credit


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("plan = 3", "is wrong at plan"),
        ("[[plan]\n", "is not TOML"),
        (
            "[[plan]]\nkey = 'a'\nname = 'A'\nrank = 1\nself_serve = true\n",
            "is wrong at plan.0.capacity_unit",
        ),
        ("plan = []\ncolour = 'red'", "is wrong at colour"),
    ],
)
def test_a_wrong_catalogue_says_where(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "catalog.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CatalogError, match=sentence):
        load(path)


def test_an_absent_catalogue_is_named(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match=r"nowhere.toml cannot be read"):
        load(tmp_path / "nowhere.toml")


def test_one_word_cannot_mean_two_plans() -> None:
    plans = [SMALL["plan"][0], SMALL["plan"][1] | {"names": ["ALPHA"]}]
    with pytest.raises(ValueError, match="name 'alpha' stands for a and for b"):
        Catalog.model_validate({"plan": plans})


def test_settings_may_name_another_catalogue(tmp_path: Path) -> None:
    path = tmp_path / "other.toml"
    path.write_text(
        "[[plan]]\nkey = 'solo'\nname = 'Solo'\nrank = 5\nself_serve = true\ncapacity_unit = 'page'\n",
        encoding="utf-8",
    )
    config.use(config.Settings(catalog_file=path))
    try:
        assert current().plan[0].capacity_unit == "page"
        assert family("prod_1", "Solo", None) == Recognised("plan", "Solo", 5)
    finally:
        config.use(None)
