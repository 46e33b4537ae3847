"""Sets a sheet as PDF.

The fonts lie in this package, put there by its build: nothing is asked of the machine it runs on.
"""

import asyncio
import json
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal

Template = Literal["receipt", "slip"]


async def typeset(template: Template, sheet: dict[str, Any], title: str) -> bytes:
    """The sheet as PDF, in a thread of its own; `title` is what a reader shows as the document's name."""
    return await asyncio.to_thread(_typeset, template, {**sheet, "document": title})


def _typeset(template: Template, sheet: dict[str, Any]) -> bytes:
    # Loaded with the first paper: eighty megabytes that most processes never need.
    import typst  # noqa: PLC0415 (see above)

    folder = _folder()
    if not any((folder / "fonts").glob("*.ttf")):
        # Typst would leave out every Japanese letter and say nothing; that is no receipt.
        raise FileNotFoundError(f"There are no fonts in {folder / 'fonts'}: the package's build puts them there.")
    return typst.compile(
        str(folder / f"{template}.typ"),
        root=str(folder),
        font_paths=[str(folder / "fonts")],
        ignore_system_fonts=True,
        sys_inputs={"sheet": json.dumps(sheet)},
    )


@cache
def _folder() -> Path:
    return Path(str(resources.files("ennichi.orders.papers")))
