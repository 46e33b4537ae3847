"""Votes over HTTP."""

from typing import TYPE_CHECKING, Annotated

from litestar import delete, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from ennichi.room import NewVote, Vote
from ennichi.web.errors import documented
from ennichi.web.session import Actor

if TYPE_CHECKING:
    from ennichi.app import App

TAGS = ["room"]


class ChoiceInput(Struct, frozen=True):
    """Which of the options, from 0."""

    option: Annotated[int, Meta(ge=0, le=3)]


class Choice(Struct, frozen=True):
    """The vote with this ballot counted, and the ballot."""

    vote: Vote
    choice: int


def routes(app: "App") -> list[HTTPRouteHandler]:
    """The routes of this area."""

    @post(
        "/api/v1/shows/{show_id:str}/votes",
        tags=TAGS,
        operation_id="beginVote",
        summary="Let the room decide",
        description="One is open at a time (409 vote.running {vote_id}); a closed one makes place. It closes by itself "
        "after `seconds`, and with the show.",
        responses=documented(401, 403, 404, 409),
    )
    async def begin(show_id: FromPath[str], data: JSONBody[NewVote], actor: Actor) -> Vote:
        return await app.room.votes.begin(actor, show_id, data)

    @put(
        "/api/v1/shows/{show_id:str}/votes/{vote_id:str}/choice",
        tags=TAGS,
        operation_id="chooseOption",
        summary="Choose, or choose otherwise",
        description="One ballot per account, changeable while the vote is open; 409 vote.closed.",
        responses=documented(401, 404, 409),
    )
    async def choose(
        show_id: FromPath[str], vote_id: FromPath[str], data: JSONBody[ChoiceInput], actor: Actor
    ) -> Choice:
        return Choice(await app.room.votes.choose(actor, show_id, vote_id, data.option), data.option)

    @post(
        "/api/v1/shows/{show_id:str}/votes/{vote_id:str}/close",
        tags=TAGS,
        operation_id="closeVote",
        summary="Take no more ballots",
        responses=documented(401, 403, 404),
    )
    async def close(show_id: FromPath[str], vote_id: FromPath[str], actor: Actor) -> Vote:
        return await app.room.votes.close(actor, show_id, vote_id)

    @delete(
        "/api/v1/shows/{show_id:str}/votes/{vote_id:str}",
        tags=TAGS,
        operation_id="putVoteAway",
        summary="Show it no longer; one that is open is closed by it",
        responses=documented(401, 403, 404),
    )
    async def put_away(show_id: FromPath[str], vote_id: FromPath[str], actor: Actor) -> None:
        await app.room.votes.put_away(actor, show_id, vote_id)

    return [begin, choose, close, put_away]
