"""The demo market's life: planted on an empty installation, kept alive by robots, gone with the program."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator

from ennichi.app import App
from ennichi.demo import NotEmpty
from ennichi.demo.robots import Robots
from ennichi.demo.seed import Seed


@contextlib.asynccontextmanager
async def demo_market(app: App, *, lang: str = "ja", robots: bool = True, crowd: int = 8) -> AsyncIterator[None]:
    """Set the market up and, with `robots`, let it live until the end of the block.

    Raises NotEmpty when somebody uses the database already: the demo's people must not end up among real ones.
    """
    if await app.accounts.somebody_is_here():
        raise NotEmpty("The demo needs an empty database; leave DATABASE_URL out, or name a new one.")
    cast = await Seed(app, lang).plant(crowd if robots else 0)
    life = asyncio.create_task(Robots(app, cast, random.Random()).run()) if robots else None  # noqa: S311 (not for secrets)
    try:
        yield
    finally:
        if life:
            life.cancel()
            await asyncio.gather(life, return_exceptions=True)
