"""The business that the generated account belongs to: what it sells, to whom, and what customers say."""

from dataclasses import dataclass

Recurring = tuple[str, int]

MONTH: Recurring = ("month", 1)
QUARTER: Recurring = ("month", 3)
HALF_YEAR: Recurring = ("month", 6)
YEAR: Recurring = ("year", 1)
WEEK: Recurring = ("week", 1)

# Weights of the currencies, and in each the countries with city, postal code and the VAT that applies.
CURRENCIES = {"usd": 60, "eur": 20, "gbp": 13, "jpy": 7}
PLACES: dict[str, list[tuple[str, str, str]]] = {
    "usd": [
        ("US", "Portland", "97205"),
        ("US", "Austin", "78701"),
        ("US", "Columbus", "43215"),
        ("US", "Denver", "80202"),
        ("CA", "Toronto", "M5V 2T6"),
        ("CA", "Halifax", "B3J 1M5"),
    ],
    "eur": [
        ("DE", "Leipzig", "04109"),
        ("DE", "Hamburg", "20095"),
        ("FR", "Lyon", "69002"),
        ("NL", "Utrecht", "3511"),
        ("IE", "Galway", "H91 T8"),
        ("ES", "Valencia", "46001"),
    ],
    "gbp": [("GB", "Leeds", "LS1 4AP"), ("GB", "Bristol", "BS1 5TR"), ("GB", "Glasgow", "G1 3SL")],
    "jpy": [("JP", "Osaka", "530-0001"), ("JP", "Sapporo", "060-0001")],
}
VAT = {"DE": ("19", "MwSt"), "FR": ("20", "TVA"), "NL": ("21", "btw"), "IE": ("23", "VAT")}
VAT |= {"ES": ("21", "IVA"), "GB": ("20", "VAT"), "JP": ("10", "消費税")}

# What a written quote agrees beside its price, by the seats that it is for.
AGREED = {
    300: {"term_months": "12", "notice_days": "30", "auto_renews": "true"},
    500: {"term_months": "12", "notice_days": "60", "auto_renews": "true"},
    750: {"term_months": "24", "notice_days": "60", "auto_renews": "false"},
    1_000: {"term_months": "12", "notice_days": "90", "auto_renews": "false"},
    2_000: {"term_months": "36", "notice_days": "90", "auto_renews": "false"},
}


@dataclass(frozen=True)
class Offer:
    """A product at list price: minor units a month by currency, and the intervals that it is sold in."""

    key: str
    name: str
    description: str
    metadata: dict[str, str]
    monthly: dict[str, int]
    intervals: tuple[Recurring, ...]
    unit_label: str | None = None


OFFERS = [
    Offer(
        "free",
        "Free",
        "For trying things out, five people",
        {"plan": "free"},
        {"usd": 0, "eur": 0, "gbp": 0, "jpy": 0},
        (MONTH,),
    ),
    Offer(
        "starter",
        "Starter",
        "For very small teams; no longer sold",
        {"plan": "starter"},
        {"usd": 900, "eur": 800, "gbp": 700, "jpy": 1_200},
        (MONTH, WEEK),
    ),
    Offer(
        "professional",
        "Professional",
        "For teams, priced by seat",
        {"plan": "professional"},
        {"usd": 2_900, "eur": 2_700, "gbp": 2_400, "jpy": 3_900},
        (MONTH, YEAR),
        "seat",
    ),
    Offer(
        "business",
        "Business",
        "For companies, one price with a capacity",
        {"plan": "business"},
        {"usd": 24_900, "eur": 22_900, "gbp": 19_900, "jpy": 34_000},
        (MONTH, HALF_YEAR, YEAR),
    ),
    Offer(
        "enterprise",
        "Enterprise",
        "By contract",
        {"plan": "enterprise"},
        {"usd": 180_000, "eur": 165_000, "gbp": 145_000, "jpy": 260_000},
        (),
    ),
    Offer(
        "sso",
        "Single sign-on",
        "SAML and OIDC sign-in",
        {"addon": "sso"},
        {"usd": 15_000, "eur": 14_000, "gbp": 12_000, "jpy": 21_000},
        (MONTH, QUARTER, YEAR),
    ),
    Offer(
        "custom_domain",
        "Custom domain",
        "The app under the customer's own address",
        {"addon": "custom_domain"},
        {"usd": 4_900, "eur": 4_500, "gbp": 3_900, "jpy": 6_900},
        (MONTH, QUARTER, YEAR),
    ),
    Offer(
        "sla",
        "Uptime SLA",
        "Credits when a month falls below 99.9%",
        {"addon": "sla"},
        {"usd": 30_000, "eur": 28_000, "gbp": 24_000, "jpy": 43_000},
        (MONTH, QUARTER, YEAR),
    ),
]
ADDONS = ("sso", "custom_domain", "sla")
NEW_PROFESSIONAL = {"usd": 3_500, "eur": 3_200, "gbp": 2_900, "jpy": 4_600}

MONTHS_IN = {WEEK: 0, MONTH: 1, QUARTER: 3, HALF_YEAR: 6, YEAR: 12}


def list_price(monthly: int, recurring: Recurring) -> int:
    """A period's list price from the monthly one: a year is 20% off, half a year 10%, a week a quarter."""
    if recurring == WEEK:
        return monthly // 4
    full = monthly * MONTHS_IN[recurring]
    return full * {YEAR: 80, HALF_YEAR: 90}.get(recurring, 100) // 100


# id, duration, fields, weight when a new customer gets one, promotion code
COUPONS: list[tuple[str, str, dict[str, object], int, str | None]] = [
    ("WELCOME20", "once", {"percent_off": 20, "name": "20% off the first invoice"}, 5, "WELCOME"),
    (
        "SPRING25",
        "repeating",
        {"percent_off": 25, "duration_in_months": 3, "name": "25% off 3 months"},
        5,
        None,
    ),
    ("PARTNER15", "forever", {"percent_off": 15, "name": "Partner"}, 4, "PARTNER"),
    (
        "YEAR125",
        "repeating",
        {"percent_off": 12.5, "duration_in_months": 12, "name": "12.5% for a year"},
        3,
        None,
    ),
    ("CREDIT50", "once", {"amount_off": 5_000, "currency": "usd", "name": "$50 off once"}, 2, None),
    (
        "LOYAL10",
        "forever",
        {"amount_off": 1_000, "currency": "usd", "name": "$10 off forever"},
        2,
        None,
    ),
]
RETENTION_COUPON = "STAY30"


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


NAMES_FIRST = _words("""
    Amber Anchor Apex Aspen Azure Basalt Beacon Birch Blue Bold Bramble Bridge Bright Brook Canyon Cedar
    Chalk Cinder Clay Clear Cliff Cloud Clover Cobalt Copper Coral Crescent Delta Drift Dune Echo Elder
    Ember Fable Falcon Fern Field Flint Forge Fox Garnet Glacier Granite Harbor Hazel Heron Hollow
    Indigo Iron Ivory Juniper Kestrel Lantern Larch Lark Linden Lumen Maple Marble Meadow Mosaic North
    Oak Ochre Onyx Orchard Otter Pebble Pine Plume Quarry Quartz Quill Raven Reed Ridge River Robin
    Rowan Saffron Sage Sable Shale Silver Slate Sparrow Spruce Stone Summit Swift Teal Thistle Timber
    Topaz Umber Vale Velvet Violet Walnut Willow Wren
""")
NAMES_SECOND = _words("""
    Analytics Architects Automation Bakery Biotech Books Cartography Ceramics Clinics Consulting
    Creative Dynamics Education Electric Energy Engineering Events Fabrication Farms Films Finance Foods
    Freight Games Gardens Health Hotels Imaging Industries Instruments Insurance Interiors Labs Learning
    Legal Logistics Machines Marine Materials Media Metals Mobility Music Networks Optics Outdoors
    Packaging Partners Pharma Photonics Pictures Power Press Printing Properties Research Robotics
    Schools Security Semiconductors Software Sports Staffing Studio Supply Systems Textiles Theatre
    Tools Toys Transit Travel Ventures Water
""")
NAMES_LAST = {"usd": ("Inc.", "LLC", ""), "eur": ("GmbH", "B.V.", "S.L.", ""), "gbp": ("Ltd", "LLP", "")}
NAMES_LAST |= {"jpy": ("K.K.", "株式会社", "")}

HOSTILE_NAMES = [
    'O\'Brien "Quoted" & Sons; DROP TABLE customer;--',
    '=HYPERLINK("https://example.com","Total")',
    "<script>alert('plan mix')</script>",
    "Rocket 🚀 Bakery 👩🏽‍🍳",
    "شركة المثال للبرمجيات",
    "דוגמה טכנולוגיות \u202eבע״מ",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "Łódź Çelik — Ünïcödé Œuvres",
    "A" * 180,
    "Tab\tand\nnew line Ltd",
    "${jndi:ldap://example.com/a} {{7*7}}",
    "株式会社サンプル・ソフトウェア",
]

FEEDBACK: list[tuple[str, int, tuple[str, ...]]] = [
    ("too_expensive", 26, ("The price rise was too much for us.", "Budget was cut this quarter.", "")),
    ("missing_features", 18, ("We need SCIM provisioning.", "No Gantt view.", "The API lacks webhooks.", "")),
    ("switched_service", 15, ("Moved to the suite our parent company uses.", "A competitor bundled it.", "")),
    ("unused", 16, ("Half of the team never signed in.", "The project ended.", "")),
    ("too_complex", 7, ("Set-up took weeks.", "Our people found it hard to learn.", "")),
    ("low_quality", 6, ("Too many outages in spring.", "The mobile app keeps crashing.", "")),
    ("customer_service", 4, ("It took five days to get an answer.", "")),
    ("other", 8, ("We are closing the office.", "Merging with another company, will come back maybe.", "")),
]
