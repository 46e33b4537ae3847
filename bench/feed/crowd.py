"""A room that fills up under a steady load: how soon everyone hears, how the tick stretches, and what it costs."""

import time
from dataclasses import dataclass

from bench.feed.measure import Stretch, stretch, within
from bench.feed.readers import Readers
from bench.feed.stage import Server
from bench.table import Row, table

MESSAGES = 20.0
LIKES = 200.0
SIZES = (50, 200, 1000, 2500, 5000)
SMALL, LARGE = 200, 5000
SMALL_S, LARGE_S, OTHERS_S = 15.0, 30.0, 8.0
SMALL_MS, LARGE_MS, CPU_BOUND = 100.0, 400.0, 60.0
SENDING_BOUND = 33.3
READERS = 2


@dataclass
class Filling:
    """What each size of the crowd brought, and memory for each stream, in kB."""

    nobody: Stretch
    by_size: dict[int, Stretch]
    memory: float


def fill(server: Server, sizes: tuple[int, ...] = SIZES) -> Filling:
    """Let the crowd grow from size to size, with the load on."""
    readers = Readers.start(server.port, server.feed, READERS)
    try:
        stretch(server, readers, 2.0, MESSAGES, LIKES)  # every path has been gone once
        nobody = stretch(server, readers, OTHERS_S, MESSAGES, LIKES)
        before = server.memory
        by_size = {}
        for size in sizes:
            readers.more(size - readers.feeds)
            time.sleep(2.0)  # the ticks about who has come are over
            seconds = {SMALL: SMALL_S, LARGE: LARGE_S}.get(size, OTHERS_S)
            by_size[size] = stretch(server, readers, seconds, MESSAGES, LIKES)
        memory = (server.memory - before) / 1024 / max(1, readers.feeds)
    finally:
        readers.stop()
    return Filling(nobody, by_size, memory)


def tables(filling: Filling) -> bool:
    """Print them; True when every bound is held."""
    held = [_whole(filling.by_size[size], filling, bound) for size, bound in ((SMALL, SMALL_MS), (LARGE, LARGE_MS))]
    return all([*held, _curve(filling)])


def _whole(found: Stretch, filling: Filling, bound_ms: float) -> bool:
    rows = [
        Row("POST to the last feed: p50", within(found.to_last, 0.5), "ms"),
        Row("POST to the last feed: p99", within(found.to_last, 0.99), "ms", bound_ms),
        Row("POST to each feed: p50", within(found.to_each, 0.5), "ms"),
        Row("POST to each feed: p99", within(found.to_each, 0.99), "ms"),
        Row("messages that did not reach a feed", found.missing + found.refused, "", 0),
        Row("feeds with another number of likes", found.likes_wrong, "", 0),
        Row("the server, of a core", found.cpu, "%", CPU_BOUND if found.feeds == LARGE else None),
        Row("the database, of a core", found.database, "%"),
    ]
    if found.feeds == LARGE:
        rows.append(Row("memory for each feed", filling.memory, "kB"))
    load = f"{MESSAGES:g} messages and {LIKES:g} likes a second"
    return table(f"{found.feeds} open feeds, {load} for {found.seconds:.0f} s ({found.messages} messages)", rows)


def _curve(filling: Filling) -> bool:
    rows = [Row("no feeds: the server, of a core", filling.nobody.cpu, "%")]
    for size, found in filling.by_size.items():
        rows += [
            Row(f"{size} feeds: from tick to tick", found.tick_ms, "ms"),
            Row(f"{size} feeds: sending, of a core", found.cpu - filling.nobody.cpu, "%", SENDING_BOUND),
        ]
    return table("The tick stretches with the room, under the same load", rows)
