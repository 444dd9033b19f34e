"""Where the company's database and Stripe disagree, as real ones do: a small set, each of its own kind.

| kind | what is wrong | how many |
|---|---|---|
| plan_differs | the application says another plan than the subscription | 3 |
| capacity_differs | fewer or more seats than the subscription's quantity | 4 |
| not_linked | a paying customer whose account has no Stripe id | 2 |
| canceled_still_paid | the subscription ended, the application still gives the paid plan | 2 |
| deleted_still_used | the customer is gone from Stripe, the account is still in use | as found, at most 2 |
| duplicate_account | a second account for one customer | 2 |
| unknown_customer | an account with an id that Stripe never had | 2 |

No account is in two of them. An account too small for a kind has fewer of it.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from string import ascii_letters, digits

from data.sandbox.company.workspaces import Workspace
from data.sandbox.store import Store

Change = Callable[[Workspace, Random], Workspace]
OTHER_PLAN = {"Professional": "Business", "Business": "Professional", "Enterprise": "Business"}


def disagree(
    found: Sequence[Workspace], store: Store, random: Random, until: datetime
) -> tuple[list[Workspace], dict[str, tuple[str, ...]]]:
    """The workspaces with disagreements worked in, and the ids of each kind's workspaces."""
    changed = {each.workspace_id: each for each in found}
    untouched = dict(changed)
    kinds: dict[str, tuple[str, ...]] = {}
    for kind, (fits, change, count) in CHANGES.items():
        candidates = [each for each in untouched.values() if fits(each)]
        chosen = random.sample(candidates, min(count, len(candidates)))
        for each in chosen:
            changed[each.workspace_id] = change(each, random)
            del untouched[each.workspace_id]
        kinds[kind] = tuple(sorted(each.workspace_id for each in chosen))
    added = {
        "deleted_still_used": _deleted_still_used(store, len(found), until),
        "duplicate_account": _duplicates(list(untouched.values()), len(found) + 2, random),
    }
    kinds |= {kind: tuple(each.workspace_id for each in extra) for kind, extra in added.items()}
    return [*changed.values(), *(each for extra in added.values() for each in extra)], kinds


def is_paying(workspace: Workspace) -> bool:
    """Whether it is on a plan above Free, with a customer at Stripe."""
    return workspace.tier in OTHER_PLAN and workspace.billing_ref is not None


def _has_left(workspace: Workspace) -> bool:
    return workspace.tier == "Free" and workspace.billing_ref is not None and workspace.last_day is not None


def _never_paid(workspace: Workspace) -> bool:
    return workspace.billing_ref is None


def _other_plan(workspace: Workspace, random: Random) -> Workspace:
    return replace(workspace, tier=OTHER_PLAN[workspace.tier or "Professional"])


def _other_capacity(workspace: Workspace, random: Random) -> Workspace:
    seats = workspace.seats_purchased or 1
    possible = [seats + more for more in (-3, -2, 2, 5, 10) if seats + more > 0]
    return replace(workspace, seats_purchased=random.choice(possible))


def _unlinked(workspace: Workspace, random: Random) -> Workspace:
    return replace(workspace, billing_ref=None)


def _still_paid(workspace: Workspace, random: Random) -> Workspace:
    return replace(workspace, tier="Professional", seats_purchased=random.randint(3, 12), last_day=None)


def _unknown_customer(workspace: Workspace, random: Random) -> Workspace:
    identity = "cus_" + "".join(random.choice(ascii_letters + digits) for _ in range(14))
    return replace(workspace, tier="Professional", seats_purchased=4, billing_ref=identity, last_day=None)


CHANGES: dict[str, tuple[Callable[[Workspace], bool], Change, int]] = {
    "plan_differs": (is_paying, _other_plan, 3),
    "capacity_differs": (is_paying, _other_capacity, 4),
    "not_linked": (is_paying, _unlinked, 2),
    "canceled_still_paid": (_has_left, _still_paid, 2),
    "unknown_customer": (_never_paid, _unknown_customer, 2),
}


def _deleted_still_used(store: Store, after: int, until: datetime) -> list[Workspace]:
    """Workspaces of customers whose subscriptions are there but who are deleted themselves."""
    ended: dict[str, int] = {}
    for subscription in store.all("subscriptions"):
        ended.setdefault(subscription["customer"], subscription["created"])
    gone = [(customer, created) for customer, created in ended.items() if _is_gone(store, customer)]
    return [
        Workspace(
            workspace_id=f"ws_{after + number:06d}",
            title=f"Former customer {number}",
            admin_contact=f"workspace-admin@former-customer-{number}.example",
            tier="Professional",
            seats_purchased=6,
            success_team="Customer success desk",
            size_band="Small business",
            country_code="US",
            opened_at=min(datetime.fromtimestamp(created, UTC), until),
            billing_ref=customer,
            load=0.7,
        )
        for number, (customer, created) in enumerate(gone[:2], start=1)
    ]


def _is_gone(store: Store, customer: str) -> bool:
    found = store.get("customers", customer)
    return found is None or bool(found.get("deleted"))


def _duplicates(found: Sequence[Workspace], after: int, random: Random) -> list[Workspace]:
    """Second workspaces of customers that have one."""
    paying = [each for each in found if is_paying(each)]
    return [
        replace(
            each,
            workspace_id=f"ws_{after + number:06d}",
            title=f"{each.title} (test)",
            admin_contact=each.admin_contact.replace("workspace-admin", "test-admin"),
            load=0.1,
        )
        for number, each in enumerate(random.sample(paying, min(2, len(paying))), start=1)
    ]
