"""How long from one tick to the next: as short as a small room allows, as long as a large one needs."""

SHARE = 1 / 3
"""Of a core, at most, for sending."""
LONGEST = 0.25
ELSEWHERE = 15.0
"""What a delivery costs in all, for each second it costs the loop, where the server below writes to the sockets in a
thread of its own (as it does with TLS)."""
FIRST_GUESS = 10e-6
"""Seconds of CPU for one delivery, before any is measured."""
MEMORY = 5_000
"""Deliveries after which what was measured has replaced half of what was believed before."""


def tick_seconds(cost: float, shortest: float) -> float:
    """The time between ticks that cost `cost` seconds of CPU each."""
    return max(shortest, min(LONGEST, cost / SHARE))


class Tempo:
    """Learns what a delivery costs on this machine, with messages as long as this room's are.

    `handed_over` says that the loop only hands bytes to a server that writes them elsewhere.
    """

    def __init__(self, *, handed_over: bool = False) -> None:
        self.delivery = FIRST_GUESS
        self._whole = ELSEWHERE if handed_over else 1.0

    def learn(self, seconds: float, deliveries: int) -> None:
        """Handing a tick to so many streams took the loop so many seconds of CPU."""
        if deliveries:
            weight = deliveries / (deliveries + MEMORY)
            self.delivery += weight * (self._whole * seconds / deliveries - self.delivery)

    def tick(self, streams: int, shortest: float) -> float:
        """Seconds until the next tick, for so many streams."""
        return tick_seconds(streams * self.delivery, shortest)
