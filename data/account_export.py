"""A whole account as files: one of JSON lines per resource, newest first, as its lists return it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import orjson

from data.clock import to_epoch
from data.gateway import Gateway
from data.gateway_errors import GatewayError
from data.resources import RESOURCES, Resource
from data.sync.crawl import Failed, Progress, failure, readers
from data.sync.pipeline import Pipeline
from data.sync.reading import Reader

_EXPANDED: Mapping[str, tuple[str, ...]] = {
    "subscriptions": ("discounts", "items.data.discounts"),
    "invoices": ("discounts",),
}
"""Where more or less is expanded than a sync needs: coupons are in a file of their own."""


def exported() -> list[Resource]:
    """The lists that an export holds."""
    beside = (Resource("tax_rates"), Resource("invoice_payments"))
    return [
        replace(each, expand=_EXPANDED.get(each.name, each.expand)) for each in (*RESOURCES.values(), *beside)
    ]


@dataclass(frozen=True)
class Exported:
    """One resource that was written, with what is missing of it in words."""

    resource: str
    objects: int
    problem: str | None = None


def export_account(gateway: Gateway, folder: Path, progress: Progress | None = None) -> list[Exported]:
    """Write the account that the key can read into a folder, which is made; gives what came of each resource.

    A resource that cannot be read has no file. Raises GatewayError when nothing can be read, FileExistsError
    when the folder holds an account already.
    """
    if (folder / "account.json").exists():
        raise FileExistsError(f"{folder} already holds an account: choose another folder.")
    folder.mkdir(parents=True, exist_ok=True)
    writing = _Writing(gateway, folder, progress)
    gateway.page("/v1/events", {"limit": 1})
    about = {"frozen_at": to_epoch(gateway.clock.now()), "api_version": gateway.api_version}
    written = writing.run()
    (folder / "account.json").write_bytes(orjson.dumps(about, option=orjson.OPT_INDENT_2) + b"\n")
    return sorted(written, key=lambda each: each.resource)


class _Writing:
    """An export under way: a few resources are read at once, each into its own file."""

    def __init__(self, gateway: Gateway, folder: Path, progress: Progress | None) -> None:
        self._folder = folder
        self._reader = Reader(gateway)
        self._progress = progress or (lambda *_: None)
        self._pipeline: Pipeline[Resource, Exported] = Pipeline(self._write, readers(gateway))

    def run(self) -> list[Exported]:
        return [each for batch in self._pipeline.batches(exported()) for each in batch]

    def _write(self, resource: Resource) -> None:
        """Work of one reader: a list from its beginning to its end."""
        path = self._folder / f"{resource.name}.jsonl"
        try:
            objects = self._copy(resource, path)
        except GatewayError as error:
            path.unlink(missing_ok=True)
            found: Failed | None = failure(resource.name, error)
            if found is None:
                raise
            self._pipeline.put(Exported(resource.name, 0, found.error))
        else:
            self._pipeline.put(Exported(resource.name, objects, self._reader.notes_on(resource.name)))

    def _copy(self, resource: Resource, path: Path) -> int:
        objects = 0
        params: dict[str, str] = {}
        with path.open("wb") as file:
            while True:
                page = self._reader.page(resource, params)
                file.writelines(orjson.dumps(obj) + b"\n" for obj in page.objects)
                objects += len(page.objects)
                done = not page.has_more or not page.objects
                self._progress(resource.name, objects, done)
                if done:
                    return objects
                params = {"starting_after": page.objects[-1]["id"]}
