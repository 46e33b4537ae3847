"""Deliveries of messages for each second of CPU: the program beside nchan, with the same clients, in turns."""

import time
from collections.abc import Callable
from statistics import median

from bench.feed.measure import Stretch, stretch, within
from bench.feed.readers import Readers
from bench.feed.stage import NCHAN_MISSING, Server, has_nchan, nchan
from bench.table import Row, table

TURNS = 3
READERS = 2
BUSY = (2500, 100.0, 10.0)
"""Feeds, messages a second, seconds."""
CALM = (5000, 1.0, 20.0)
BUSY_BOUND, CALM_BOUND = 33.3, 100.0
"""Per cent of nchan's CPU for a delivery: a third is three times the deliveries."""


def beside(ours: Server) -> bool:
    """Measure and print; True when the bounds are held."""
    if not has_nchan():
        print(f"\n{NCHAN_MISSING}")
        return False
    held = [_one(ours, *BUSY, BUSY_BOUND), _one(ours, *CALM, CALM_BOUND)]
    return all(held)


def _one(ours: Server, feeds: int, messages: float, seconds: float, bound: float) -> bool:
    mine: list[Stretch] = []
    theirs: list[Stretch] = []
    for _ in range(TURNS):
        mine.append(_run(ours, feeds, messages, seconds))
        with nchan() as peer:
            theirs.append(_run(peer, feeds, messages, seconds))
    share = 100 * _median(theirs, lambda one: one.per_cpu_second) / _median(mine, lambda one: one.per_cpu_second)
    rows = [
        Row("deliveries for a CPU second, ours", _median(mine, lambda one: one.per_cpu_second) / 1000, "k"),
        Row("deliveries for a CPU second, nchan", _median(theirs, lambda one: one.per_cpu_second) / 1000, "k"),
        Row("CPU for a delivery, of nchan's", share, "%", bound),
        Row("deliveries that are missing, ours", sum(one.missing + one.refused for one in mine), "", 0),
        Row("deliveries that are missing, nchan", sum(one.missing + one.refused for one in theirs), ""),
        Row("POST to the last feed: p99, ours", _median(mine, lambda one: within(one.to_last, 0.99)), "ms"),
        Row("POST to the last feed: p99, nchan", _median(theirs, lambda one: within(one.to_last, 0.99)), "ms"),
        Row("our database, of a core", _median(mine, lambda one: one.database), "%"),
    ]
    title = f"{messages:g} messages a second to {feeds} feeds, {TURNS} turns each (median)"
    return table(title, rows)


def _run(server: Server, feeds: int, messages: float, seconds: float) -> Stretch:
    readers = Readers.start(server.port, server.feed, READERS)
    try:
        readers.more(feeds)
        time.sleep(6.0)  # everyone has come, and who had been here before has gone
        return stretch(server, readers, seconds, messages)
    finally:
        readers.stop()
        time.sleep(1.0)


def _median(found: list[Stretch], of: Callable[[Stretch], float]) -> float:
    return median(map(of, found))
