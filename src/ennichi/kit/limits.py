"""How often somebody may do something: a sliding window per key, in memory.

A limit belongs to one process; a restart forgives. That is enough against floods, and nothing that is
counted here is worth a database write.
"""

from collections import deque

from ennichi.kit.clock import Clock
from ennichi.kit.errors import TooFast

SWEEP_EVERY = 4096


class Limits:
    """Sliding windows, one per key."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._taken: dict[str, deque[float]] = {}
        self._spans: dict[str, float] = {}
        self._until_sweep = SWEEP_EVERY

    def take(self, key: str, n: int, per_seconds: float) -> None:
        """Count one use of `key`; raise TooFast when it would be more than `n` within `per_seconds`."""
        now = self._clock.now().timestamp()
        window = self._taken.setdefault(key, deque())
        self._spans[key] = per_seconds
        while window and window[0] <= now - per_seconds:
            window.popleft()
        while window and window[-1] > now:  # the clock was set back: those would count for as long as that
            window.pop()
        if len(window) >= n:
            raise TooFast(retry_after=window[0] + per_seconds - now)
        window.append(now)
        self._until_sweep -= 1
        if self._until_sweep <= 0:
            self._sweep(now)

    def _sweep(self, now: float) -> None:
        """Forget keys whose last use is out of their window, so that memory follows the living."""
        self._until_sweep = SWEEP_EVERY
        gone = [key for key, window in self._taken.items() if not window or window[-1] <= now - self._spans[key]]
        for key in gone:
            del self._taken[key], self._spans[key]
