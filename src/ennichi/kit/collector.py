"""Python's collector of what refers to itself, which stops everybody while it looks."""

import gc


def collect_seldom() -> None:
    """Have the collector look far less often, and never at what the start made.

    With thousands of feeds open a full look takes a quarter of a second in which nobody hears anything, and with a
    crowd's requests under way a look at the young takes a tenth of all there is. What it finds is little: nearly
    everything here is freed without it. What it lets lie meanwhile is some tens of megabytes at most.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 20, 100)
