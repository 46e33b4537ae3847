"""The demo market for people who change it: pages are rebuilt, the server starts anew when a Python file changes."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pages

PROGRAM = [str(Path(sys.executable).parent / "ennichi"), "demo", *sys.argv[1:]]


def main() -> None:
    """Run until Ctrl-C."""
    builder = subprocess.Popen(
        [str(pages.node() / "npm"), "run", "build", "--", "--watch"], cwd=pages.SOURCE, env=pages.environment()
    )
    server = subprocess.Popen(PROGRAM)
    seen = newest()
    try:
        while builder.poll() is None:
            time.sleep(0.5)
            now = newest()
            if now != seen:
                seen = now
                print("A source file changed: starting the server anew ...", flush=True)
                stop(server)
                server = subprocess.Popen(PROGRAM)
    except KeyboardInterrupt:
        pass
    finally:
        stop(server)
        stop(builder)


def newest() -> tuple[float, int]:
    """Changes whenever a Python or SQL file of the program does."""
    times = [
        path.stat().st_mtime for kind in ("*.py", "*.sql") for path in (pages.ROOT / "src" / "ennichi").rglob(kind)
    ]
    return max(times), len(times)


def stop(process: "subprocess.Popen[bytes]") -> None:
    """End a process and wait for it."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        process.wait()


if __name__ == "__main__":
    main()
