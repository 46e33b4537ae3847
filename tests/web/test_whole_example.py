"""The example for people who want to build on the market does what it says."""

import subprocess
import sys
from pathlib import Path

from tests.support.running import Program

EXAMPLE = Path(__file__).parents[2] / "examples" / "first_sale.py"


def test_the_first_sale_over_http_alone(market: Program) -> None:
    for _ in range(2):
        ran = subprocess.run(
            [sys.executable, EXAMPLE, market.url], capture_output=True, text=True, timeout=60, check=False
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        said = ran.stdout
        for step in (
            "opens the stall",
            "is live",
            "asks:",
            "hears a question",
            "sees 5 likes",
            "holds 2",
            "hears of order",
        ):
            assert step in said, said
        assert said.rstrip().endswith("The show is over: 2 sold, 2 left")
        assert ran.stderr == ""


def test_it_says_what_stood_against_it(market: Program) -> None:
    person = f"import runpy; person = runpy.run_path({str(EXAMPLE)!r})['Person']({market.url!r}, 'buyer'); "
    script = person + f"person.ask('GET', '/orders/{'0' * 20}')"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 1
    assert "not_found" in ran.stderr
