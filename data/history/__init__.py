"""What each subscription item was, and when: spans built from the evidence that the mirror holds."""

from data.history.dunning import COUNTED
from data.history.life import Doubt, Item, Life, Removal, Span
from data.history.spans import History, history
from data.history.words import EVIDENCE

__all__ = ["COUNTED", "EVIDENCE", "Doubt", "History", "Item", "Life", "Removal", "Span", "history"]
