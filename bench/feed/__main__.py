"""How soon everyone in a room hears what was said, what that costs, and how many can come in at once.

The program runs in a process of its own, as do the readers of its feeds; messages and likes come through its API from
people who are signed in. Everything is on one machine, so the clients' share of it is part of every figure.

    python -m bench.feed [crowd] [peer] [join]    (all of them when none is named)
"""

import sys

from bench.feed import crowd, join, peer
from bench.feed.stage import ours

from ennichi.cli.network import allow_many_sockets

PARTS = ("crowd", "peer", "join")
PEOPLE = 240
"""A person may say ten lines in twenty seconds: enough for 100 messages a second, with some to spare."""


def main() -> int:
    """Measure and print; 1 when a bound is broken or something was lost."""
    parts = sys.argv[1:] or list(PARTS)
    if unknown := set(parts) - set(PARTS):
        print(f"There is no {', '.join(sorted(unknown))} here; there are {', '.join(PARTS)}.")
        return 2
    allow_many_sockets()
    held = []
    with ours(PEOPLE) as server:
        if "crowd" in parts:
            held.append(crowd.tables(crowd.fill(server)))
        if "peer" in parts:
            held.append(peer.beside(server))
        if "join" in parts:
            held.append(join.beside(server))
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
