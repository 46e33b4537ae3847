"""The `ennichi` command. Each subcommand is a module that is imported when it is called, so that help comes at once."""

from importlib import import_module
from typing import ClassVar

import click

__all__ = ["main"]


class Commands(click.Group):
    """Subcommands by name, each the attribute of that name in the module of that name."""

    names: ClassVar[list[str]] = ["up", "demo", "publish", "migrate", "doctor", "config", "version"]

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (click's signature)
        """The names in the order of their use."""
        return self.names

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 (click's signature)
        """The command of that name."""
        if cmd_name not in self.names:
            return None
        command = getattr(import_module(f"ennichi.cli.{cmd_name}"), cmd_name)
        if not isinstance(command, click.Command):
            raise TypeError(cmd_name)
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Ennichi: go live from a phone, sell to the people who watch."""
