"""The table of endpoints: path -> handler."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import orjson

from data.sandbox.account import account_object
from data.sandbox.api import lists, writes
from data.sandbox.api.actions import (
    catalog,
    checkout,
    coupons,
    creating,
    credit_notes,
    customers,
    drafts,
    invoiceitems,
    invoices,
    payment_methods,
    previews,
    quotes,
    refunds,
    schedules,
    subscriptions,
    tax_ids,
    webhook_endpoints,
)
from data.sandbox.api.calls import Call, Reply
from data.sandbox.api.errors import FailedPaymentError, missing
from data.sandbox.api.expand import expander
from data.sandbox.api.parameters import Parameters, only_known
from data.sandbox.api.resources import EMBEDDED, OWNED, RESOURCES, Owned, Resource
from data.sandbox.conditions import Condition
from data.sandbox.store import Store
from data.sandbox.wire import cut

Json = dict[str, Any]
Handler = Callable[[Store, Call], bytes | Json | Reply]


def _listing(resource: Resource, store: Store, call: Call) -> bytes:
    return lists.list_page(store, resource, call.parameters())


def _single(resource: Resource, store: Store, call: Call) -> bytes | Json:
    parameters = call.parameters()
    only_known(parameters, {"expand"})
    identity = call.path_params["id"]
    kept = store.wire(resource.name, identity)
    found = None if kept is None else orjson.loads(kept)
    if found is None or not (store.holds(resource.name, identity) or found.get("deleted")):
        raise missing(resource.noun, identity, resource.missing_param)
    return _expanded(store, found, parameters)


def _expanded(store: Store, obj: Json, parameters: Parameters) -> Json:
    if (expanding := expander(store, parameters.get("expand"))) is not None:
        expanding.single(obj)
    return obj


def _owned(owned: Owned, store: Store, call: Call) -> bytes:
    return lists.owned_page(store, owned, call.path_params["id"], call.parameters())


def _embedded(resource: Resource, name: str, store: Store, call: Call) -> bytes:
    return lists.embedded_page(store, resource, name, call.path_params["id"], call.parameters())


def _items(store: Store, call: Call) -> bytes:
    return lists.item_page(store, call.parameters())


def _item(store: Store, call: Call) -> Json:
    parameters = call.parameters()
    only_known(parameters, {"expand"})
    identity = call.path_params["id"]
    for subscription in store.select("subscriptions", (Condition("item", "=", identity),)):
        found = next(item for item in subscription["items"]["data"] if item["id"] == identity)
        return _expanded(store, cut(found), parameters)
    raise missing("subscription_item", identity, "item")


def _account(store: Store, call: Call) -> Json:
    only_known(call.parameters(), {"expand"})
    return account_object(store)


def _update(resource: str, store: Store, call: Call) -> Json:
    parameters = call.parameters()
    changed = writes.update(store, resource, call.path_params["id"], parameters, call)
    return _expanded(store, cut(changed), parameters)


def _remove(resource: str, store: Store, call: Call) -> Json:
    return writes.remove(store, resource, call.path_params["id"], call.parameters(), call)


def _upfront(store: Store, call: Call) -> bytes:
    return lists.upfront_page(store, call.path_params["id"], call.parameters())


READS: Mapping[str, Handler] = {
    "/v1/quotes/{id}/computed_upfront_line_items": _upfront,
    "/v1/quotes/{id}/pdf": quotes.pdf,
    "/v1/account": _account,
    "/v1/subscription_items": _items,
    "/v1/subscription_items/{id}": _item,
    **{each.path: partial(_listing, each) for each in RESOURCES.values()},
    **{f"{each.path}/{{id}}": partial(_single, each) for each in RESOURCES.values()},
    **{f"/v1/{each.owner}/{{id}}/{each.name}": partial(_owned, each) for each in OWNED},
    **{
        f"/v1/{name}/{{id}}/{inside}": partial(_embedded, RESOURCES[name], inside)
        for name, inside in EMBEDDED
    },
}
Action = Callable[[Store, Call], Json]


def _done(action: Action, store: Store, call: Call) -> Json:
    """An action, answered with what was asked to be expanded; nothing is done where that cannot be.

    What a failed payment leaves behind is kept.
    """
    failed: FailedPaymentError | None = None
    answer: Json = {}
    with store.transaction():
        try:
            answer = _expanded(store, cut(action(store, call)), call.parameters())
        except FailedPaymentError as error:
            failed = error
    if failed is not None:
        raise failed
    return answer


ACTIONS: Mapping[str, Action] = {
    "/v1/billing_portal/sessions": customers.create_session,
    "/v1/checkout/sessions": checkout.create,
    "/v1/checkout/sessions/{id}/expire": checkout.expire,
    "/v1/coupons": coupons.create_coupon,
    "/v1/coupons/{id}": coupons.update_coupon,
    "/v1/credit_notes": credit_notes.create,
    "/v1/credit_notes/{id}": credit_notes.update,
    "/v1/credit_notes/{id}/void": credit_notes.void,
    "/v1/customers": customers.create,
    "/v1/customers/{id}/tax_ids": tax_ids.create_for_customer,
    "/v1/invoiceitems": invoiceitems.create,
    "/v1/invoiceitems/{id}": invoiceitems.update,
    "/v1/invoices": drafts.create,
    "/v1/invoices/create_preview": previews.create,
    "/v1/invoices/{id}": drafts.update,
    "/v1/invoices/{id}/lines/{line}": drafts.update_line,
    "/v1/invoices/{id}/finalize": invoices.finalize,
    "/v1/invoices/{id}/mark_uncollectible": invoices.mark_uncollectible,
    "/v1/invoices/{id}/pay": invoices.pay,
    "/v1/invoices/{id}/send": invoices.send,
    "/v1/invoices/{id}/void": invoices.void,
    "/v1/payment_methods/{id}": payment_methods.update,
    "/v1/payment_methods/{id}/attach": payment_methods.attach,
    "/v1/payment_methods/{id}/detach": payment_methods.detach,
    "/v1/promotion_codes": coupons.create_code,
    "/v1/promotion_codes/{id}": coupons.update_code,
    "/v1/prices": catalog.create_one_price,
    "/v1/prices/{id}": catalog.update_price,
    "/v1/products": catalog.create_one_product,
    "/v1/products/{id}": catalog.update_product,
    "/v1/quotes": quotes.create,
    "/v1/quotes/{id}": quotes.update,
    "/v1/quotes/{id}/accept": quotes.accept,
    "/v1/quotes/{id}/cancel": quotes.cancel,
    "/v1/quotes/{id}/finalize": quotes.finalize,
    "/v1/refunds": refunds.create,
    "/v1/refunds/{id}": refunds.update,
    "/v1/subscription_schedules": schedules.create,
    "/v1/subscription_schedules/{id}": schedules.update,
    "/v1/subscription_schedules/{id}/cancel": schedules.cancel,
    "/v1/subscription_schedules/{id}/release": schedules.release,
    "/v1/subscriptions": creating.subscription,
    "/v1/subscriptions/{id}": subscriptions.update,
    "/v1/subscriptions/{id}/resume": subscriptions.resume,
    "/v1/tax_ids": tax_ids.create,
    "/v1/webhook_endpoints/{id}": webhook_endpoints.update,
}
UPDATES: Mapping[str, Handler] = {
    **{f"/v1/{name}/{{id}}": partial(_update, name) for name in writes.CHANGEABLE},
    **{path: partial(_done, action) for path, action in ACTIONS.items()},
    "/v1/webhook_endpoints": webhook_endpoints.create,  # the one answer that tells the secret
}
DELETES: Mapping[str, Handler] = {
    **{f"/v1/{name}/{{id}}": partial(_remove, name) for name in ("customers", "coupons")},
    "/v1/products/{id}": partial(_done, catalog.delete_product),
    "/v1/customers/{id}/discount": partial(_done, customers.drop_discount),
    "/v1/invoiceitems/{id}": partial(_done, invoiceitems.delete),
    "/v1/subscriptions/{id}/discount": partial(_done, subscriptions.drop_discount),
    "/v1/invoices/{id}": partial(_done, drafts.delete),
    "/v1/customers/{id}/tax_ids/{tax_id}": partial(_done, tax_ids.delete),
    "/v1/tax_ids/{tax_id}": partial(_done, tax_ids.delete),
    "/v1/webhook_endpoints/{id}": partial(_done, webhook_endpoints.delete),
    "/v1/subscriptions/{id}": partial(_done, subscriptions.cancel),
}
