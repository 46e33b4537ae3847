"""One show's side of the relay."""

import asyncio

import moq
import structlog

from ennichi.media.frames import AwayHandler, FrameWatch
from ennichi.media.model import BROADCAST

log = structlog.get_logger(__name__)

CACHE_BYTES = 32 << 20

# Codes a session is closed with. Pages come back by themselves, but not after "replaced" and "ended".
CODE_FORBIDDEN = 403
CODE_REPLACED = 409
CODE_ENDED = 410
CODE_NOT_NOW = 503


class Stall:
    """One show's side of the relay: its origin, who is connected, and the watch on its frames."""

    def __init__(self, show_id: str, on_away: AwayHandler) -> None:
        self.show_id = show_id
        self.origin = moq.OriginProducer(cache_capacity_bytes=CACHE_BYTES)
        self.publisher: moq.Session | None = None
        self.viewers: set[moq.Session] = set()
        self.foul: set[str] = set()
        self.closed_with: int | None = None
        self.taking_over = asyncio.Lock()
        self.frames = FrameWatch(show_id, self.origin, on_away)
        self.tasks = [asyncio.create_task(self.frames.run()), asyncio.create_task(self._guard_names())]

    async def _guard_names(self) -> None:
        """Cut off a publisher that announces anything but the one broadcast it may write."""
        async for update in self.origin.consume().announced("", hidden=True):
            if not update.active:
                self.foul.discard(update.prefix)
            elif update.prefix != BROADCAST:
                log.warning("media.publisher_cut_off", show=self.show_id, announced=update.prefix)
                self.foul.add(update.prefix)
                self.cut_off_if_foul()

    def cut_off_if_foul(self) -> None:
        """End the publisher's session if it announced another name; word of that may come before the session itself."""
        if self.foul and self.publisher is not None:
            self.publisher.cancel(CODE_FORBIDDEN)

    async def close(self, code: int) -> None:
        """End every session with `code` and stop watching; sessions still shaking hands end right after."""
        self.closed_with = code
        for session in [*self.viewers, *([self.publisher] if self.publisher else [])]:
            session.cancel(code)
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
