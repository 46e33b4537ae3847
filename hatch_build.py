"""Builds the pages into the wheel, with the Node that comes as a build requirement."""

import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PagesHook(BuildHookInterface):  # type: ignore[type-arg]
    """Called by hatchling before it collects the files of a wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 (hatchling's signature)
        """Build frontend/; an editable install leaves that to the Makefile."""
        if version != "editable":
            subprocess.run([sys.executable, str(Path(self.root) / "tools" / "pages.py"), "build"], check=True)
