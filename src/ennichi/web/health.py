"""Whether the program is well: answered only when the database answers."""

from typing import TYPE_CHECKING

from litestar import get
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

if TYPE_CHECKING:
    from ennichi.app import App


class Health(Struct, frozen=True):
    """`ok` when everything a purchase needs is there."""

    status: str


def routes(app: "App") -> list[HTTPRouteHandler]:
    """The routes of this area."""

    @get("/api/v1/health", tags=["market"], summary="Whether the program is well")
    async def health() -> Health:
        await app.db.check()
        return Health("ok")

    return [health]
