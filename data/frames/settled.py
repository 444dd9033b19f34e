"""The run rate before and after due dates, at once: instants are microseconds, names whole numbers."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True)
class _Columns:
    """Columns of the same length."""

    def take(self, places: Ints | Flags) -> Self:
        """Some rows, in this order."""
        return type(self)(*(getattr(self, each.name)[places] for each in fields(self)))


@dataclass(frozen=True)
class Held(_Columns):
    """Segments in their order. group is a customer's holdings in a currency, holder a subscription."""

    group: Ints
    holder: Ints
    product: Ints  # -1: none
    arr: Ints
    begun: Ints
    ended: Ints


@dataclass(frozen=True)
class Due(_Columns):
    """Due dates: what is held at `first` counts as before, at `seen` as after."""

    group: Ints
    holder: Ints
    first: Ints
    seen: Ints


def micros(instants: "pd.Series[pd.Timestamp]") -> Ints:
    """Instants as microseconds since 1970; a missing one is the least number."""
    return instants.dt.tz_localize(None).to_numpy("datetime64[us]").view("int64")


def pairs(left: Ints, right: Ints) -> tuple[Ints, Ints, Ints]:
    """Places on the left and on the right that have the same key, in order of both; how many for each."""
    order = np.argsort(right, kind="stable")
    ordered = right[order]
    starts = np.searchsorted(ordered, left, "left")
    counts = np.searchsorted(ordered, left, "right") - starts
    of_left = np.repeat(np.arange(len(left)), counts)
    within = np.arange(len(of_left)) - np.repeat(np.cumsum(counts) - counts, counts)
    return of_left, order[np.repeat(starts, counts) + within], counts


def own(due: Due, held: Held) -> tuple[Ints, Ints, tuple[Ints, Ints]]:
    """Run rate before and after of the subscriptions themselves, and what was held before: place, product."""
    place, segment, counts = pairs(due.holder, held.holder)
    same = due.group[place] == held.group[segment]
    then = same & _at(due.first[place], held, segment)
    later = same & _at(due.seen[place], held, segment)
    arr = held.arr[segment]
    products = place[then], held.product[segment[then]]
    return _summed(arr * then, counts), _summed(arr * later, counts), products


def _at(instants: Ints, held: Held, segment: Ints) -> Flags:
    found: Flags = (held.begun[segment] <= instants) & (held.ended[segment] > instants)
    return found


def _summed(values: Ints, counts: Ints) -> Ints:
    """The sums of runs of so many values; whole numbers stay whole."""
    sums = np.concatenate([np.zeros(1, np.int64), np.cumsum(values)])
    ends = np.cumsum(counts)
    found: Ints = sums[ends] - sums[ends - counts]
    return found


def with_successors(due: Due, held: Held, before: Ints, after: Ints) -> Ints:
    """`after` with what another subscription of the customer, which began meanwhile, took over: at most
    as much as is missing, and by the first renewal that misses it. Due dates are in their order.
    """
    known = np.unique(np.stack([held.group, held.holder]), axis=1)[0]
    groups, holders = np.unique(known, return_counts=True)
    several = np.flatnonzero((before > 0) & np.isin(due.group, groups[holders > 1]))
    some = due.take(several)
    place, segment, _ = pairs(some.group, held.group)
    other = some.holder[place] != held.holder[segment]
    place, segment = place[other], segment[other]
    then, later = _at(some.first[place], held, segment), _at(some.seen[place], held, segment)
    width = int(held.holder.max(initial=0)) + 1
    pair = place * width + held.holder[segment]
    fresh = later & ~np.isin(pair, pair[then])
    rows = held.take(segment[fresh])
    return _taken(several[place[fresh]], rows, before, after)


def _taken(places: Ints, rows: Held, before: Ints, after: Ints) -> Ints:
    """What each place in its turn takes of the holders that began."""
    given = after.copy()
    left: dict[tuple[int, int], int] = {}
    columns = (each.tolist() for each in (places, rows.holder, rows.begun, rows.arr))
    for place, holder, begun, arr in zip(*columns, strict=True):
        key = (holder, begun)
        there = left.get(key, arr)
        taken = max(0, min(int(before[place] - given[place]), there))
        left[key] = there - taken
        given[place] += taken
    return given


def joined(found: tuple[Ints, Ints], names: Sequence[str], size: int) -> "pd.Series[str]":
    """The products of each of so many places, each once, joined by "|"; null where there are none."""
    place, product = (each[found[1] >= 0] for each in found)
    counts = np.bincount(place, minlength=size)
    texts: NDArray[Any] = np.full(size, None, dtype=object)
    single = counts[place] == 1
    texts[place[single]] = np.array(names, dtype=object)[product[single]]
    several: dict[int, dict[str, None]] = {}
    for one, name in zip(place[~single].tolist(), product[~single].tolist(), strict=True):
        several.setdefault(one, {})[names[name]] = None
    for one, together in several.items():
        texts[one] = "|".join(together)
    return pd.Series(texts, dtype="string")
