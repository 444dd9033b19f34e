"""What happened on which day: quotes on their way, from the first sketch to what became of them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from dashboard.examples import acting as c
from dashboard.examples import addons as a
from dashboard.examples import quoting as q
from data.sign_in_settings import FINANCE, MANAGER

AT_STRIPE = frozenset(
    {
        q.send,
        q.accept,
        q.decline,
        c.cancel,
        c.keep,
        c.by_invoice,
        c.credit,
        c.paid_elsewhere,
        c.ask_discount,
        c.approve,
    }
)
"""What is done at Stripe too, so that days have to pass there first."""


@dataclass(frozen=True)
class Scene:
    """So many days ago something was done, to whatever has a name in the story."""

    ago: float
    act: Callable[..., None]
    told: tuple[Any, ...] = ()


def scene(ago: float, act: Callable[..., None], *told: Any) -> Scene:
    """A scene, as the tables below write it."""
    return Scene(ago, act, told)


def _prospect(name: str, email: str) -> dict[str, Any]:
    return {"prospect": name, "prospect_email": email}


LARGE: dict[str, Any] = {
    **_prospect("Larch Semiconductors Inc.", "procurement@larch-semiconductors.example"),
    "plan": "enterprise",
    "capacity": 250,
    "term": 36,
    "addons": ["sso", "custom_domain", "sla"],
    "addon.sso.protocol": "saml",
    "addon.sso.domains": "larch-semiconductors.example",
    "addon.sso.scim": "yes",
    "addon.custom_domain.hostname": "portal.larch-semiconductors.example",
    "tier.sla": "99.95",
    "discount.whole.percent": "22",
    "discount.whole.reason": "Three years, and a reference",
    "ramp.2.capacity": 300,
    "ramp.3.capacity": 400,
    "fee.1.name": "Onboarding",
    "fee.1.amount": "2500",
    "po_number": "PO-20931",
}
SMALL: dict[str, Any] = {
    **_prospect("Harbor Learning LLC", "office@harbor-learning.example"),
    "plan": "business",
    "capacity": 60,
    "addons": ["sso", "priority_support"],
    "addon.sso.protocol": "oidc",
}
LOST: dict[str, Any] = {
    **_prospect("Quartz Freight Inc.", "it@quartz-freight.example"),
    "plan": "enterprise",
    "capacity": 180,
    "term": 24,
    "discount.enterprise.percent": "10",
    "discount.enterprise.reason": "Two years",
}
QUIET: dict[str, Any] = {
    **_prospect("Sage Theatre LLC", "office@sage-theatre.example"),
    "plan": "business",
    "capacity": 40,
    "interval": "1month",
    "addons": ["custom_domain"],
    "addon.custom_domain.hostname": "tickets.sage-theatre.example",
    "expires_on": timedelta(30),
}
HARD: dict[str, Any] = {
    **_prospect("Cobalt Insurance Inc.", "procurement@cobalt-insurance.example"),
    "plan": "enterprise",
    "capacity": 320,
    "term": 24,
    "addons": ["sso", "sla"],
    "tier.sla": "99.9",
    "discount.whole.percent": "9",
    "discount.whole.reason": "Two years",
}
SOON: dict[str, Any] = {
    **_prospect("Meadow Clinics Inc.", "accounts@meadow-clinics.example"),
    "plan": "enterprise",
    "capacity": 140,
    "addons": ["sso"],
    "addon.sso.domains": "meadow-clinics.example",
    "expires_on": timedelta(26),
}
GENEROUS: dict[str, Any] = {
    **_prospect("Timber Robotics Inc.", "finance@timber-robotics.example"),
    "plan": "enterprise",
    "capacity": 600,
    "term": 36,
    "addons": ["sso", "custom_domain", "sla", "priority_support"],
    "tier.sla": "99.99",
    "net_days": 60,
    "discount.whole.percent": "34",
    "discount.whole.reason": "Largest deal of the quarter, against two competitors",
    "ramp.2.capacity": 800,
    "ramp.3.capacity": 1000,
}
BRIEF: dict[str, Any] = {
    **_prospect("Plume Events LLC", "hello@plume-events.example"),
    "plan": "enterprise",
    "capacity": 110,
    "interval": "3month",
    "term": 6,
}
YEARLY: dict[str, Any] = {
    **_prospect("Robin Logistics LLC", "accounts@robin-logistics.example"),
    "plan": "enterprise",
    "capacity": 160,
    "addons": ["sso"],
    "discount.whole.percent": "18",
    "discount.whole.months": 12,
    "discount.whole.reason": "First year, they come from two other tools",
}
READY: dict[str, Any] = {
    **_prospect("Kestrel Transit Inc.", "billing@kestrel-transit.example"),
    "plan": "enterprise",
    "capacity": 210,
    "term": 24,
    "addons": ["sso", "custom_domain"],
    "addon.custom_domain.hostname": "app.kestrel-transit.example",
}
UNFINISHED: dict[str, Any] = {
    "prospect": "Walnut Pharma GmbH",
    "currency": "eur",
    "plan": "enterprise",
    "capacity": 90,
    "addons": ["sla"],
    "notes_inside": "Waits for their head count, and for the uptime that they need.",
}
CHEAPER: dict[str, Any] = {
    "discount.whole.percent": "14",
    "discount.whole.reason": "They asked to meet their budget",
    "expires_on": timedelta(25),
}
QUOTES = (
    scene(70.1, q.begin, "large", LARGE),
    scene(69.2, q.ask, "large", "They sign for three years if they get what the last one got."),
    scene(68.4, q.agree, "large", MANAGER, "Fine for 36 months with a ramp."),
    scene(68.3, q.agree, "large", FINANCE, "Fine, invoices are paid in 30 days."),
    scene(67.2, q.send, "large"),
    scene(67.1, q.link, "large", 30),
    scene(66.3, q.opened, "large"),
    scene(61.2, q.accept, "large", "Head of procurement"),
    scene(52.1, q.begin, "lost", LOST),
    scene(51.3, q.ask, "lost", "Two years, prepaid."),
    scene(51.2, q.agree, "lost", MANAGER, "Fine."),
    scene(51.19, q.agree, "lost", FINANCE, "Fine."),
    scene(51.1, q.send, "lost"),
    scene(44.2, q.begin, "small", SMALL),
    scene(44.1, q.ask, "small", "Their wish."),
    scene(43.3, q.agree, "small", MANAGER, ""),
    scene(43.2, q.agree, "small", FINANCE, ""),
    scene(43.1, q.send, "small"),
    scene(38.2, q.decline, "lost", "Too expensive: they stay with the suite they have."),
    scene(38.1, q.accept, "small", "Managing director"),
    scene(33.0, q.begin, "hard", HARD),
    scene(32.0, q.ask, "hard", "Two years."),
    scene(31.4, q.begin, "quiet", QUIET),
    scene(31.3, q.ask, "quiet", "Their wish."),
    scene(31.22, q.agree, "quiet", MANAGER, ""),
    scene(31.21, q.agree, "quiet", FINANCE, ""),
    scene(31.12, q.agree, "hard", MANAGER, ""),
    scene(31.11, q.agree, "hard", FINANCE, ""),
    scene(31.1, q.send, "quiet"),
    scene(31.0, q.send, "hard"),
    scene(26.3, q.begin, "idle", BRIEF),
    scene(21.2, q.begin, "soon", SOON),
    scene(21.1, q.ask, "soon", "Their wish."),
    scene(21.05, q.agree, "soon", MANAGER, ""),
    scene(21.04, q.agree, "soon", FINANCE, ""),
    scene(21.0, q.send, "soon"),
    scene(20.9, q.link, "soon", 30),
    scene(18.2, q.revise, "harder", "hard", CHEAPER),
    scene(18.1, q.ask, "harder", "Their budget ends there, and a competitor is below it."),
    scene(17.3, q.agree, "harder", MANAGER, "This once."),
    scene(17.2, q.agree, "harder", FINANCE, "This once."),
    scene(17.1, q.send, "harder"),
    scene(17.0, q.link, "harder", 25),
    scene(16.4, q.opened, "harder"),
    scene(14.1, q.give_up, "idle", "The project was put off to next year."),
    scene(9.2, q.opened, "harder"),
    scene(6.2, q.clone, "ready", "soon", READY),
    scene(5.1, q.ask, "ready", "Two years."),
    scene(4.2, q.agree, "ready", MANAGER, "Fine."),
    scene(4.1, q.agree, "ready", FINANCE, "Fine."),
    scene(3.3, q.begin, "brief", BRIEF),
    scene(3.2, q.ask, "brief", "A pilot of half a year, they decide in spring."),
    scene(2.9, q.begin, "generous", GENEROUS),
    scene(2.6, q.edit, "generous", {"capacity": 650, "notes_inside": "Their board meets next week."}),
    scene(
        2.3, q.refuse, "brief", MANAGER, "Half a year is too short for Enterprise: offer Business, or a year."
    ),
    scene(2.1, q.ask, "generous", "Largest deal of the quarter. Two competitors are in, both below us."),
    scene(1.2, q.agree, "generous", MANAGER, "Yes, if finance can live with 60 days."),
    scene(0.9, q.begin, "yearly", YEARLY),
    scene(0.3, q.ask, "yearly", "They move from two tools to ours, and want the first year cheaper."),
    scene(0.2, q.begin, "unfinished", UNFINISHED),
)
ADDONS = (
    scene(61.0, a.move, "large", "sla", "active"),
    scene(60.2, a.move, "large", "sso", "waiting"),
    scene(60.1, a.move, "large", "custom_domain", "waiting"),
    scene(51.9, a.sign_on, "large", "login.larch-semiconductors.example", 80),
    scene(37.9, a.move, "small", "sso", "waiting"),
    scene(29.8, a.down, "large", 1, 12),
    scene(2.2, a.down, "large", 1, 260),
    scene(2.0, a.claim, "large", 1, "By e-mail, with their own log of the outage."),
)
CHANGES = (
    scene(29.6, c.credit, "credited", "Exports failed for half a day."),
    scene(24.4, c.by_invoice, "transfer", "Their bank blocks cards."),
    scene(16.3, c.cancel, "saved", "too_expensive", "Too expensive since the price rise."),
    scene(13.2, c.keep, "saved", "They stay, after a call about what they use."),
    scene(8.2, c.ask_discount, "loyal", "They compare us with a cheaper tool, and renew soon."),
    scene(8.1, c.approve, "For three months, fine."),
    scene(5.4, c.ask_discount, "second", "They ask for the same as others got."),
    scene(5.3, c.decline, "Not without a reason: offer them yearly billing."),
    scene(4.3, c.paid_elsewhere, "The transfer came without our number."),
    scene(0.4, c.ask_discount, "third", "Half of their team left; they would stay for 30% off."),
)
STORY = sorted((*QUOTES, *ADDONS, *CHANGES), key=lambda scene: -scene.ago)
