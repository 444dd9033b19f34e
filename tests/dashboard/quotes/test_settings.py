"""What add-ons of a quote are to be set up with."""

import pytest

from dashboard.quotes.settings import asked, broken
from data.catalog import Addon, load

SOLD = load()


def addon(key: str) -> Addon:
    found = SOLD.entry(key)
    assert isinstance(found, Addon)
    return found


def test_what_was_said_becomes_settings() -> None:
    fields = {
        "addon.sso.protocol": "saml", "addon.sso.domains": "Acme.com; ada@bücher.de acme.com",
        "addon.sso.scim": "no", "addon.custom_domain.hostname": "Portal.ACME.com.", "tier.sla": "99.95",
    }  # fmt: skip
    assert asked(addon("sso"), fields) == {
        "protocol": "saml",
        "domains": ["acme.com", "xn--bcher-kva.de"],
        "scim": "no",
    }
    assert asked(addon("custom_domain"), fields) == {"hostname": "portal.acme.com"}
    assert asked(addon("sla"), fields) == {"tier": "99.95"}
    assert asked(addon("priority_support"), fields) == asked(addon("sso"), {}) == {}
    assert not [each for key in ("sso", "custom_domain", "sla") for each in broken(addon(key), fields)]


@pytest.mark.parametrize(
    ("field", "typed", "told"),
    [
        ("addon.sso.protocol", "kerberos", "Choose one"),
        ("addon.sso.domains", "gmail.com", "open to everybody"),
        ("addon.sso.domains", "=1+1", "no valid hostname"),
        ("addon.sso.domains", " ".join(f"d{n}.com" for n in range(21)), "At most 20"),
        ("addon.custom_domain.hostname", "аррӏе.com", "Latin"),
        ("addon.custom_domain.hostname", "acme.com", "CNAME cannot stand"),
        ("addon.custom_domain.hostname", "<script>", "no valid hostname"),
    ],
)
def test_what_cannot_be_set_up_is_told_at_its_field(field: str, typed: str, told: str) -> None:
    key = field.split(".")[1]
    (wrong,) = broken(addon(key), {field: typed})
    assert wrong.field == field
    assert told in wrong.told
    assert field.rpartition(".")[2] not in asked(addon(key), {field: typed})
