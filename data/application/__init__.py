"""The company's application database: read through a mapping, copied into tables of our own."""

from data.application.copying import Copied, copy
from data.application.errors import ApplicationError, MappingError, UnreachableError
from data.application.mapping import ApplicationMapping
from data.application.reading import check_mapping

__all__ = [
    "ApplicationError",
    "ApplicationMapping",
    "Copied",
    "MappingError",
    "UnreachableError",
    "check_mapping",
    "copy",
]
