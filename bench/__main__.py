"""All benches, one after the other; each prints its table. `make bench` runs this; 1 when any bound is broken."""

import subprocess
import sys

BENCHES = ("bench.feed", "bench.checkout", "bench.video.glass", "bench.video.first_frame", "bench.danmaku")


def main() -> int:
    """Run each in a process of its own, so that none warms another."""
    return max(subprocess.run([sys.executable, "-m", name], check=False).returncode for name in BENCHES)


if __name__ == "__main__":
    sys.exit(main())
