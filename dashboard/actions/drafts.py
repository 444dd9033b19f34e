"""Commands about a draft: its lines are added, changed and taken out until it is final."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dashboard.actions import marks
from dashboard.actions.base import Handler, Preview
from dashboard.actions.invoices import COLLECT, CREDIT, OfInvoice, read
from dashboard.actions.limits import Stake
from dashboard.actions.mails import receipt, sent_invoice
from dashboard.formatting import amount
from data.actions import Step
from data.gateway import Gateway
from data.records.fields import reference

Json = dict[str, Any]
LONGEST = 500  # letters of a line's description
OWN = "A subscription's own line comes from its price: add a line that adds to it or takes off instead."


@dataclass(frozen=True)
class AddLine(OfInvoice):
    """Add a line (minor units; below 0 takes off)."""

    description: str
    amount: int
    mark: str = ""


@dataclass(frozen=True)
class ChangeLine(OfInvoice):
    """Change what a line says and comes to (minor units)."""

    line_id: str
    description: str
    amount: int


@dataclass(frozen=True)
class RemoveLine(OfInvoice):
    """Take a line out."""

    line_id: str


@dataclass(frozen=True)
class FinalizeInvoice(OfInvoice):
    """Give a draft its number; collect: Stripe charges or sends it, else it stays open."""

    collect: bool = True


@dataclass(frozen=True)
class DraftLine:
    """A line as a form shows it; own: it comes from a subscription's price."""

    description: str
    amount: int
    own: bool


def lines(gateway: Gateway, invoice_id: str) -> dict[str, DraftLine]:
    """An invoice's lines by id. Raises GatewayError."""
    found = marks.everything(gateway, f"/v1/invoices/{invoice_id}/lines")
    return {
        str(each["id"]): DraftLine(each.get("description") or "", int(each["amount"]), item_of(each) is None)
        for each in found
    }


def _read(gateway: Gateway, command: OfInvoice) -> Json:
    """The invoice with all its lines."""
    found = marks.everything(gateway, f"/v1/invoices/{command.invoice_id}/lines")
    return {**read(gateway, command), "all_lines": found}


def _read_items(gateway: Gateway, command: AddLine) -> Json:
    """The same, with the invoice items behind the lines: they keep the command's mark."""
    items = marks.everything(gateway, "/v1/invoiceitems", invoice=command.invoice_id)
    return {**_read(gateway, command), "made": items}


def seen(obj: Json) -> Json:
    """What must not change between a preview and its confirmation."""
    told = sorted([each["id"], each.get("description"), each["amount"]] for each in obj["all_lines"])
    return {"status": obj["status"], "currency": obj["currency"], "total": obj["total"], "lines": told}


def item_of(line: Json) -> str | None:
    """The invoice item behind a line; None for a subscription's own."""
    details = (line.get("parent") or {}).get("invoice_item_details") or {}
    return reference(details.get("invoice_item"))


def _line(command: ChangeLine | RemoveLine, obj: Json) -> Json | None:
    return next((each for each in obj["all_lines"] if each["id"] == command.line_id), None)


def _draft(command: OfInvoice, obj: Json) -> str | None:
    if obj["customer"] != command.customer_id:
        return "This invoice belongs to another customer."
    return None if obj["status"] == "draft" else "Only a draft can be changed: this invoice is final."


def _worded(description: str) -> str | None:
    if not description.strip():
        return "Say what the line is for: it stands on the invoice."
    return f"A line takes {LONGEST} letters at most." if len(description) > LONGEST else None


def _can_add(command: AddLine, obj: Json) -> str | None:
    none = "A line needs an amount; below 0 it takes off." if not command.amount else None
    return _draft(command, obj) or _worded(command.description) or none


def _can_change(command: ChangeLine, obj: Json) -> str | None:
    if refusal := _draft(command, obj) or _worded(command.description):
        return refusal
    line = _line(command, obj)
    if line is None:
        return "This line is not there any more."
    if item_of(line) is None and line["amount"] != command.amount:
        return OWN
    return "That is what the line says already." if _is_changed(command, obj) else None


def _is_changed(command: ChangeLine, obj: Json) -> bool:
    line = _line(command, obj)
    return line is not None and (line.get("description"), line["amount"]) == (
        command.description.strip(),
        command.amount,
    )


def _can_remove(command: RemoveLine, obj: Json) -> str | None:
    if refusal := _draft(command, obj):
        return refusal
    line = _line(command, obj)
    if line is None:
        return "This line is not there any more."
    return OWN if item_of(line) is None else None


def _changed(command: Any, obj: Json) -> tuple[str, str, int]:
    """A line before and after in words, and by how much the sum of lines moves."""
    currency = obj["currency"]
    if isinstance(command, AddLine):
        return "–", _told(command.description, command.amount, currency), command.amount
    line = _line(command, obj) or {"description": "", "amount": 0}
    before = _told(line.get("description") or "", line["amount"], currency)
    if isinstance(command, RemoveLine):
        return before, "–", -int(line["amount"])
    after = _told(command.description.strip(), command.amount, currency)
    return before, after, command.amount - int(line["amount"])


def _told(description: str, minor: int, currency: str) -> str:
    return f"{description}: {amount(minor, currency)}"


def _preview_line(command: Any, obj: Json, gateway: Gateway, at: datetime) -> Preview:
    before, after, more = _changed(command, obj)
    currency, sums = obj["currency"], sum(int(each["amount"]) for each in obj["all_lines"])
    rows = (
        ("Line", before, after),
        ("Lines together", amount(sums, currency), amount(sums + more, currency)),
    )
    warnings = ["Discounts and taxes are worked out by Stripe on the new lines."]
    if sums + more < 0:
        warnings.append("It comes to less than nothing: the rest is kept as credit for later invoices.")
    return Preview(
        rows,
        seen(obj),
        at,
        currency,
        effect="No change of run rate",
        warnings=tuple(warnings),
        stakes=(Stake("credit", -more, currency),) if more < 0 else (),
    )


def _add_steps(command: AddLine, obj: Json, at: datetime) -> list[Step]:
    params = {
        "customer": command.customer_id,
        "invoice": command.invoice_id,
        "currency": obj["currency"],
        "amount": command.amount,
        "description": command.description.strip(),
        **marks.metadata(command.mark),
    }
    return [Step("post", "/v1/invoiceitems", params)]


def _change_steps(command: ChangeLine, obj: Json, at: datetime) -> list[Step]:
    line = _line(command, obj) or {}
    params: Json = {"description": command.description.strip()}
    if line.get("amount") != command.amount:
        params["amount"] = command.amount
    return [Step("post", f"/v1/invoices/{command.invoice_id}/lines/{command.line_id}", params)]


def _remove_steps(command: RemoveLine, obj: Json, at: datetime) -> list[Step]:
    item = item_of(_line(command, obj) or {})
    return [Step("delete", f"/v1/invoiceitems/{item}", {})]


def _preview_final(command: FinalizeInvoice, obj: Json, gateway: Gateway, at: datetime) -> Preview:
    sends = obj["collection_method"] == "send_invoice"
    mails = (sent_invoice if sends else receipt)(obj.get("customer_email")) if command.collect else ()
    then = "sent" if sends else "charged"
    told = (
        f"It is {then} by Stripe within the hour."
        if command.collect
        else f"It stays open until it is {then}."
    )
    rows = (
        ("Status", "Draft", "Open"),
        ("To pay", amount(obj["amount_due"], obj["currency"]), amount(obj["amount_due"], obj["currency"])),
    )
    warnings = ("Its lines cannot be changed any more.", told)
    return Preview(
        rows, seen(obj), at, obj["currency"], effect="No change of run rate", mails=mails, warnings=warnings
    )


def _final_steps(command: FinalizeInvoice, obj: Json, at: datetime) -> list[Step]:
    params = {"auto_advance": command.collect}
    return [Step("post", f"/v1/invoices/{command.invoice_id}/finalize", params)]


def _handler(name: str, permission: str, guard: Any, steps: Any, achieved: Callable[..., bool | None]) -> Any:
    return Handler(name, permission, _read, seen, guard, _preview_line, steps, achieved)


HANDLERS: dict[type, Handler[Any]] = {
    AddLine: Handler(
        "Add line",
        CREDIT,
        _read_items,
        seen,
        _can_add,
        _preview_line,
        _add_steps,
        lambda command, obj: marks.found(command.mark, obj["made"]),
    ),
    ChangeLine: _handler("Change line", CREDIT, _can_change, _change_steps, _is_changed),
    RemoveLine: _handler(
        "Take line out", CREDIT, _can_remove, _remove_steps, lambda command, obj: _line(command, obj) is None
    ),
    FinalizeInvoice: Handler(
        "Finalize invoice",
        COLLECT,
        _read,
        seen,
        _draft,
        _preview_final,
        _final_steps,
        lambda _, obj: obj["status"] != "draft",
    ),
}
"""What each command needs and does."""
