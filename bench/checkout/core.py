"""The service alone, in this process: how many holds a second, beside pgbench in turns on the same database."""

import asyncio
import itertools
import random
import statistics
import time
from pathlib import Path
from typing import NamedTuple

from bench.checkout import plain
from bench.checkout.stage import Stage, account
from bench.table import Row, table

from ennichi.app import App
from ennichi.checkout import NewHold
from ennichi.kit.collector import collect_seldom

ROUNDS = 3
SECONDS = 4.0
MOST_A_SECOND = 60_000
UNITS = 10_000_000


class Rush(NamedTuple):
    """What a rush came to."""

    per_second: float
    p50: float
    p99: float


async def rush(app: App, stage: Stage, variants: list[str], buyers: int, seconds: float) -> Rush:
    """`buyers` at a time take a hold each, and others come when they are answered. Milliseconds."""
    people = itertools.cycle(stage.more_people(int(MOST_A_SECOND * seconds)))
    stage.stocked(UNITS)
    dice = random.Random(1)
    took: list[float] = []
    loop = asyncio.get_running_loop()
    begin = loop.time()
    end = begin + seconds

    async def one() -> None:
        while loop.time() < end:
            wanted = NewHold(variant_id=dice.choice(variants), show_id=stage.show_id)
            buyer = account(next(people))
            at = time.perf_counter()
            await app.checkout.take(buyer, wanted, "bench")
            took.append(time.perf_counter() - at)

    await asyncio.gather(*[one() for _ in range(buyers)])
    spent = loop.time() - begin
    took.sort()
    return Rush(len(took) / spent, took[len(took) // 2] * 1e3, took[int(len(took) * 0.99)] * 1e3)


async def beside(app: App, stage: Stage, where: Path) -> bool:
    """Both loads and their bounds; True when all are held."""
    held = []
    collect_seldom()  # as the server does
    for title, variants, buyers, least in (
        ("One hot variant", stage.variants[:1], 256, 20.0),
        (f"{len(stage.variants)} variants at random", stage.variants, 1000, 3.0),
    ):
        await rush(app, stage, variants, buyers, 1.0)
        ours, theirs = [], []
        for _ in range(ROUNDS):
            ours.append(await rush(app, stage, variants, buyers, SECONDS))
            stage.stocked(UNITS)
            theirs.append(await asyncio.to_thread(plain.rate, stage, where, variants, SECONDS))
        rows = _rows(least, ours, theirs, 60 if len(variants) == 1 else None)
        held.append(table(f"{title}, {buyers} buyers, {ROUNDS} rounds in turns", rows))
    return all(held)


def _rows(least: float, ours: list[Rush], theirs: list[float | None], p99: float | None) -> list[Row]:
    rates = [one for one in theirs if one is not None]
    rows = [
        Row("holds a second", statistics.median(one.per_second for one in ours), "/s"),
        Row("p50", statistics.median(one.p50 for one in ours), "ms"),
        Row("p99", statistics.median(one.p99 for one in ours), "ms", p99),
    ]
    if not rates:
        print(f"\n{plain.MISSING}")
        return rows
    ratio = statistics.median(one.per_second / rate for one, rate in zip(ours, rates, strict=True))
    rows.append(Row(f"pgbench -c {plain.CLIENTS}, the same statements", statistics.median(rates), "/s"))
    rows.append(Row(f"one of pgbench's, of ours (bound: {least:g} times)", 100 / ratio, "%", 100 / least))
    return rows
