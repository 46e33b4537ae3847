"""The one table every bench prints: what was measured, beside its bound, with the machine named."""

import os
import platform
from typing import NamedTuple


class Row(NamedTuple):
    """One line of a table. `bound` None: a floor or a peer, shown for comparison."""

    what: str
    measured: float
    unit: str
    bound: float | None = None

    @property
    def held(self) -> bool:
        """Whether the measured value is within its bound."""
        return self.bound is None or self.measured <= self.bound


def table(title: str, rows: list[Row]) -> bool:
    """Print it; True when every bound is held."""
    width = max(len(row.what) for row in rows)
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"\n{title}")
    print(f"  {platform.system()} {platform.machine()}, {os.cpu_count()} cores, load {load}")
    for row in rows:
        bound = "" if row.bound is None else f"bound {row.bound:g} {row.unit}"
        verdict = "" if row.bound is None else ("held" if row.held else "BROKEN")
        print(f"  {row.what:<{width}}  {row.measured:>8.1f} {row.unit:<3}  {bound:<14} {verdict}".rstrip())
    return all(row.held for row in rows)
