"""Waiting for facts of other processes, which ring no bell."""

import asyncio
from collections.abc import Callable

PATIENCE_S = 40.0


async def until(fact: Callable[[], object], *, within: float = PATIENCE_S) -> None:
    """Return once it is so; TimeoutError when it does not come to be."""
    async with asyncio.timeout(within):
        while not fact():  # noqa: ASYNC110
            await asyncio.sleep(0.05)
