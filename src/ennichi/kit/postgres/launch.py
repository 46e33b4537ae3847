"""Becomes Postgres: `python launch.py UID GID PARENT PROGRAM ARGUMENT...`; UID -1 keeps the user.

A program of its own instead of a hook between fork and exec, because our process has threads by then.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Drop root, ask to be stopped when the parent is gone, and turn into the program."""
    uid, gid, parent = (int(argument) for argument in sys.argv[1:4])
    program = sys.argv[4:]
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None
    if uid >= 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    os.umask(0o077)
    if libc is not None:
        # After the change of user, which clears it. SIGINT is Postgres' fast shutdown.
        libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGINT))
        if os.getppid() != parent:
            sys.exit(1)
    os.execv(program[0], program)  # noqa: S606 (the program and its arguments come from the supervisor alone)


if __name__ == "__main__":
    main()
