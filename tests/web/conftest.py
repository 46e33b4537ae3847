"""One demo market, without robots, for all the tests that speak to the real program."""

from collections.abc import Iterator

import pytest
from tests.support.running import Program, demo_on


@pytest.fixture(scope="session")
def market(postgres_url: str, migrated: str) -> Iterator[Program]:
    """The program in a process of its own; tests bring their own people and stalls."""
    with demo_on(postgres_url, migrated, "market") as program:
        yield program
