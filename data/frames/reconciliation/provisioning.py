"""What our own system was told and has not acknowledged, and sign-on that stops with a certificate."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select

from data.frames.reconciliation.addons import LIVE
from data.frames.reconciliation.finding import Finding, Known
from data.frames.risks import told
from data.tables import mirror
from data.tables.addons import addon_setup
from data.tables.provisioning import DEAD, WAITING, provisioning_request

asked, setup, customer = provisioning_request.c, addon_setup.c, mirror.customer.c
WARNED = timedelta(days=60)
"""How long before its end a certificate is spoken of."""


def provisioning_failed(known: Known) -> Iterator[Finding]:
    """A request that our own system has not acknowledged for a day, the first of its subject."""
    late = or_(asked.state == DEAD, (asked.state == WAITING) & (asked.created_at <= known.day_ago))
    first = select(func.min(asked.number)).where(late, asked.attempts > 0).group_by(asked.subject)
    query = select(provisioning_request).where(asked.number.in_(first)).order_by(asked.number)
    for row in known.connection.execute(query):
        yield Finding(
            "provisioning_failed",
            row.subject,
            f"Our system has not acknowledged {row.type} of {told(row.created_at)} after {row.attempts} "
            f"attempts: {row.error}",
            "set-up" if row.type.startswith("addon.") else "customer",
            row.subject if row.type.startswith("addon.") else row.customer_id,
            row.customer_id,
        )


def certificate_ends(known: Known) -> Iterator[Finding]:
    """Sign-on that is live with an identity provider whose last certificate ends in 60 days or has ended."""
    query = (
        select(setup.id, setup.customer_id, setup.settings, customer.name)
        .join(mirror.customer, customer.id == setup.customer_id, isouter=True)
        .where(setup.kind == "single_sign_on", setup.state.in_(LIVE))
        .order_by(setup.id)
    )
    for row in known.connection.execute(query):
        metadata = row.settings.get("metadata") or {}
        ends = [datetime.fromisoformat(each["not_after"]) for each in metadata.get("certificates", ())]
        if not ends or max(ends) > known.now + WARNED:
            continue
        last = max(ends)
        ends_on = f"{'ended' if last <= known.now else 'ends'} on {told(last)}"
        yield Finding(
            "certificate_ends",
            row.id,
            f"The certificate with which {row.name or row.customer_id} signs people on {ends_on}.",
            "set-up",
            row.id,
            row.customer_id,
        )
