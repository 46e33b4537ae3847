"""`ennichi demo`."""

import shutil
import tempfile
from pathlib import Path
from typing import Any

import click

from ennichi.cli.options import serving, settings_from


@click.command
@serving
@click.option("--robots/--no-robots", default=None, help="The robot seller and viewers.  [default: with robots]")
@click.option("--crowd", type=click.IntRange(0, 500), help="How many robot viewers.  [default: 8]")
@click.option(
    "--lang", "demo_lang", type=click.Choice(["ja", "en"]), help="Language of stalls and robots.  [default: ja]"
)
def demo(**given: Any) -> None:
    """Run a living market on throw-away data, with a robot seller who is live."""
    from ennichi.cli.program import run

    folder = Path(tempfile.mkdtemp(prefix="ennichi-demo-"))
    try:
        run(settings_from(data=folder, demo=True, **given))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
