"""The file of a backup: a zip of parts, each with its SHA-256, and about.json that names them.

Only about.json says what there is: no path in the file is ever followed.
"""

import hashlib
import os
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import IO, Literal

from pydantic import BaseModel, ValidationError

FORMAT = 1
ABOUT = "about.json"
BLOCK = 2**20
LEVEL = 1  # most of what zip can gain, at a fraction of the time
Kind = Literal["sqlite", "postgresql"]


class BackupError(Exception):
    """No backup was made, or nothing was restored; the message is a sentence that says what to do."""


class Part(BaseModel):
    """One database file, or the rows of one table in the named columns."""

    name: str
    sha256: str
    columns: list[str] = []


class About(BaseModel):
    """What is in a backup, and of which state of the tables."""

    format: int = FORMAT
    kind: Kind
    migration: str
    made_at: datetime
    parts: list[Part] = []

    def part(self, name: str) -> Part | None:
        """The part of that name."""
        return next((each for each in self.parts if each.name == name), None)


class Sink:
    """A part that is being written."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.digest = hashlib.sha256()

    def write(self, block: bytes | memoryview) -> None:
        """Add a block to the part and to its checksum."""
        self.digest.update(block)
        self._stream.write(block)


class Writer:
    """A backup under way."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.parts: list[Part] = []

    @contextmanager
    def part(self, name: str, columns: list[str] | None = None) -> Iterator[Sink]:
        """A part of that name, whole when the block ends."""
        with self._archive.open(name, "w", force_zip64=True) as stream:
            sink = Sink(stream)
            yield sink
        self.parts.append(Part(name=name, sha256=sink.digest.hexdigest(), columns=columns or []))

    def finish(self, about: About) -> About:
        """Write what the backup holds, and give it; without it the file is none."""
        whole = about.model_copy(update={"parts": self.parts})
        self._archive.writestr(ABOUT, whole.model_dump_json())
        return whole


@contextmanager
def writing(file: Path) -> Iterator[Writer]:
    """A new backup, readable by its owner alone; the file is there whole or not at all.

    Raises BackupError where it is there already, OSError where it cannot be written.
    """
    if file.exists():
        raise BackupError(f"{file} is there already, and backups are not overwritten: name another file.")
    under_way = file.with_name(f"{file.name}.part")
    under_way.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(under_way, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as stream:
            with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as archive:
                yield Writer(archive)
            stream.flush()
            os.fsync(stream.fileno())
        under_way.replace(file)
    finally:
        with suppress(OSError):
            under_way.unlink(missing_ok=True)


class Archive:
    """A backup that was read through once and is whole."""

    def __init__(self, archive: zipfile.ZipFile, about: About) -> None:
        self._archive = archive
        self.about = about

    def blocks(self, part: Part) -> Iterator[bytes]:
        """The part, a block at a time."""
        with self._archive.open(part.name) as stream:
            while block := stream.read(BLOCK):
                yield block


@contextmanager
def opened(file: Path) -> Iterator[Archive]:
    """A backup, after every checksum was compared. Raises BackupError when it is damaged or none."""
    try:
        zipped = zipfile.ZipFile(file)
    except FileNotFoundError:
        raise BackupError(f"{file} is not there.") from None
    except OSError as error:
        raise BackupError(f"{file} cannot be read: {error.strerror}.") from None
    except zipfile.BadZipFile:
        raise BackupError(f"{file} is not a backup, or its end is missing: use another one.") from None
    with zipped:
        try:
            archive = Archive(zipped, _about(zipped))
            _check(archive)
        except (KeyError, ValueError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError) as error:
            raise BackupError(f"{file} is not a whole backup ({_words(error)}): use another one.") from None
        yield archive


def _about(zipped: zipfile.ZipFile) -> About:
    about = About.model_validate_json(zipped.read(ABOUT))
    if about.format != FORMAT:
        raise ValueError(f"its format {about.format} is not known to this version")
    return about


def _check(archive: Archive) -> None:
    """Every part is there and is what was written. Raises ValueError and what zips raise."""
    for part in archive.about.parts:
        digest = hashlib.sha256()
        for block in archive.blocks(part):
            digest.update(block)
        if digest.hexdigest() != part.sha256:
            raise ValueError(f"{part.name} was changed")


def _words(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return f"{ABOUT} is not as it should be"
    return str(error).strip("'\"") or type(error).__name__
