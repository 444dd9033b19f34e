"""Commands about a customer's tax ids, which Stripe prints on invoices and verifies."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dashboard.actions.base import Handler, Preview
from dashboard.actions.marks import everything
from data.actions import Step
from data.gateway import Gateway

Json = dict[str, Any]
CHANGE = "change billing details"
NAMES = {
    "eu_vat": "EU VAT number",
    "gb_vat": "UK VAT number",
    "us_ein": "US EIN",
    "ch_vat": "Swiss VAT number",
    "ch_uid": "Swiss UID",
    "no_vat": "Norwegian VAT number",
    "au_abn": "Australian business number",
    "ca_bn": "Canadian business number",
    "ca_gst_hst": "Canadian GST/HST number",
    "in_gst": "Indian GST number",
    "jp_cn": "Japanese corporate number",
    "sg_uen": "Singaporean UEN",
    "nz_gst": "New Zealand GST number",
    "br_cnpj": "Brazilian CNPJ",
    "mx_rfc": "Mexican RFC",
}
"""The kinds that people meet most, in words; every other of KINDS goes by its code."""
KINDS = frozenset((
    "ad_nrt", "ae_trn", "al_tin", "am_tin", "ao_tin", "ar_cuit", "au_abn", "au_arn", "aw_tin", "az_tin",
    "ba_tin", "bb_tin", "bd_bin", "bf_ifu", "bg_uic", "bh_vat", "bj_ifu", "bo_tin", "br_cnpj", "br_cpf",
    "bs_tin", "by_tin", "ca_bn", "ca_gst_hst", "ca_pst_bc", "ca_pst_mb", "ca_pst_sk", "ca_qst", "cd_nif",
    "ch_uid", "ch_vat", "cl_tin", "cm_niu", "cn_tin", "co_nit", "cr_tin", "cv_nif", "de_stn", "do_rcn",
    "ec_ruc", "eg_tin", "es_cif", "et_tin", "eu_oss_vat", "eu_vat", "fo_vat", "gb_vat", "ge_vat",
    "gi_tin", "gn_nif", "hk_br", "hr_oib", "hu_tin", "ic_nif", "id_npwp", "il_vat", "in_gst", "is_vat",
    "it_cf", "jp_cn", "jp_rn", "jp_trn", "ke_pin", "kg_tin", "kh_tin", "kr_brn", "kz_bin", "la_tin",
    "li_uid", "li_vat", "lk_vat", "ma_vat", "md_vat", "me_pib", "mk_vat", "mr_nif", "mx_rfc", "my_frp",
    "my_itn", "my_sst", "ng_tin", "no_vat", "no_voec", "np_pan", "nz_gst", "om_vat", "pe_ruc", "ph_tin",
    "pl_nip", "py_ruc", "ro_tin", "rs_pib", "ru_inn", "ru_kpp", "sa_vat", "sg_gst", "sg_uen", "si_tin",
    "sn_ninea", "sr_fin", "sv_nit", "th_vat", "tj_tin", "tr_tin", "tw_vat", "tz_vat", "ua_vat", "ug_tin",
    "us_ein", "uy_ruc", "uz_tin", "uz_vat", "ve_rif", "vn_tin", "za_vat", "zm_tin", "zw_tin",
))  # fmt: skip
"""The kinds that Stripe's API description names."""
SHAPES = {
    "eu_vat": (
        r"[A-Z]{2}[0-9A-Z+*.]{2,12}",
        "a country's two letters and 2 to 12 letters or digits: DE123456789",
    ),
    "gb_vat": (r"(GB)?([0-9]{9}|[0-9]{12}|GD[0-9]{3}|HA[0-9]{3})", "GB and 9 or 12 digits: GB123456789"),
    "us_ein": (r"[0-9]{2}-?[0-9]{7}", "nine digits: 12-3456789"),
    "ch_vat": (r"CHE-?[0-9]{3}\.?[0-9]{3}\.?[0-9]{3} ?(MWST|TVA|IVA)", "CHE-123.456.789 MWST"),
    "au_abn": (r"[0-9]{11}", "eleven digits: 12345678912"),
}
"""What some kinds look like; Stripe has the last word on all."""


@dataclass(frozen=True)
class OfTaxIds:
    """A command about the tax ids of a customer."""

    customer_id: str

    @property
    def subject(self) -> str:
        """The customer."""
        return self.customer_id


@dataclass(frozen=True)
class AddTaxId(OfTaxIds):
    """Add a tax id of one of Stripe's kinds."""

    kind: str
    value: str


@dataclass(frozen=True)
class RemoveTaxId(OfTaxIds):
    """Take a tax id off."""

    tax_id: str


def _read(gateway: Gateway, command: OfTaxIds) -> Json:
    """The customer with all tax ids."""
    customer = gateway.get(f"/v1/customers/{command.customer_id}")
    if customer.get("deleted"):
        return {**customer, "held": []}
    return {**customer, "held": everything(gateway, f"/v1/customers/{command.customer_id}/tax_ids")}


def held(gateway: Gateway, customer_id: str) -> dict[str, str]:
    """A customer's tax ids in words, by id. Raises GatewayError."""
    found = everything(gateway, f"/v1/customers/{customer_id}/tax_ids")
    return {str(each["id"]): _told(each) for each in found}


def seen(obj: Json) -> Json:
    """What must not change between a preview and its confirmation."""
    return {"tax ids": sorted(_told(each) for each in obj["held"])}


def _told(tax_id: Json) -> str:
    return f"{name_of(tax_id['type'])} {tax_id['value']}"


def name_of(kind: str) -> str:
    """A kind of tax id in words, or its code."""
    return NAMES.get(kind, kind)


def _value(command: AddTaxId) -> str:
    return command.value.strip().upper()


def _can_add(command: AddTaxId, obj: Json) -> str | None:
    if obj.get("deleted"):
        return "This customer is deleted at Stripe."
    if command.kind not in KINDS:
        return f"Stripe's API description has no tax id of the kind {command.kind}."
    if not _value(command):
        return "Type the tax id."
    pattern, looks = SHAPES.get(command.kind, (".*", ""))
    if not re.fullmatch(pattern, _value(command)):
        return f"A tax id of this kind looks like this: {looks}."
    return "The customer has this tax id already." if _is_there(command, obj) else None


def _is_there(command: AddTaxId, obj: Json) -> bool:
    wanted = (command.kind, _plain(command.value))
    return any((each["type"], _plain(each["value"])) == wanted for each in obj["held"])


def _plain(value: str) -> str:
    return re.sub(r"[^0-9A-Z]", "", value.upper())


def _can_remove(command: RemoveTaxId, obj: Json) -> str | None:
    if obj.get("deleted"):
        return "This customer is deleted at Stripe."
    return None if _of(command, obj) else "This tax id is not there any more."


def _of(command: RemoveTaxId, obj: Json) -> list[Json]:
    return [each for each in obj["held"] if each["id"] == command.tax_id]


def _preview(obj: Json, after: list[str], at: datetime, *warnings: str) -> Preview:
    before = ", ".join(seen(obj)["tax ids"])
    rows = (("Tax ids", before or "–", ", ".join(after) or "–"),)
    return Preview(rows, seen(obj), at, warnings=("Taxes on later invoices may change with it.", *warnings))


def _preview_add(command: AddTaxId, obj: Json, gateway: Gateway, at: datetime) -> Preview:
    after = [*seen(obj)["tax ids"], f"{name_of(command.kind)} {_value(command)}"]
    return _preview(obj, after, at, "It stands on invoices at once; Stripe verifies some kinds afterwards.")


def _preview_remove(command: RemoveTaxId, obj: Json, gateway: Gateway, at: datetime) -> Preview:
    left = [_told(each) for each in obj["held"] if each["id"] != command.tax_id]
    return _preview(obj, left, at, "Invoices that are final keep it.")


def _add_steps(command: AddTaxId, obj: Json, at: datetime) -> list[Step]:
    params = {"type": command.kind, "value": _value(command)}
    return [Step("post", f"/v1/customers/{command.customer_id}/tax_ids", params)]


def _remove_steps(command: RemoveTaxId, obj: Json, at: datetime) -> list[Step]:
    return [Step("delete", f"/v1/customers/{command.customer_id}/tax_ids/{command.tax_id}", {})]


HANDLERS: dict[type, Handler[Any]] = {
    AddTaxId: Handler("Add tax id", CHANGE, _read, seen, _can_add, _preview_add, _add_steps, _is_there),
    RemoveTaxId: Handler(
        "Remove tax id",
        CHANGE,
        _read,
        seen,
        _can_remove,
        _preview_remove,
        _remove_steps,
        lambda command, obj: not _of(command, obj),
    ),
}
"""What each command needs and does."""
