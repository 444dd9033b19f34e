"""Stripe's account into the mirror: whole, then by its events; every public name of it is here."""

from data.sync.account import OtherAccountError
from data.sync.crawl import Progress
from data.sync.lock import SyncRunningError
from data.sync.run import ResourceReport, SyncReport, sync

__all__ = ["OtherAccountError", "Progress", "ResourceReport", "SyncReport", "SyncRunningError", "sync"]
