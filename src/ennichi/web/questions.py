"""The question queue over HTTP: taking up, answering, merging, and what was answered about a listing."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

from litestar import get, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta, Struct, structs

from ennichi.room import ANSWER_MAX, Question, Step, Which
from ennichi.web.errors import documented
from ennichi.web.session import Actor

if TYPE_CHECKING:
    from ennichi.app import App


class QuestionInput(Struct, frozen=True):
    """Where a question goes."""

    state: Step


class AnswerInput(Struct, frozen=True):
    """An answer in writing. With `pin` it stays over the chat."""

    text: Annotated[
        str, Meta(min_length=1, max_length=4 * ANSWER_MAX, description=f"1 to {ANSWER_MAX} characters once trimmed.")
    ]
    pin: bool = False


class MergeInput(Struct, frozen=True):
    """The question that stays."""

    into: Annotated[str, Meta(max_length=64)]


class Answered(Struct, kw_only=True, frozen=True):
    """A question about a listing, answered in writing. `media_ms` is where it was taken up in the show's video."""

    id: str
    text: str
    asked: int
    answer: str
    at: datetime
    show_id: str
    media_ms: int | None


def routes(app: "App") -> list[HTTPRouteHandler]:
    """The routes of this area."""

    @put(
        "/api/v1/shows/{show_id:str}/questions/{question_id:str}",
        tags=["room"],
        operation_id="moveQuestion",
        summary="Take up, answer, drop or put back a question",
        responses=documented(401, 403, 404, 409),
    )
    async def move(
        show_id: FromPath[str], question_id: FromPath[str], data: JSONBody[QuestionInput], actor: Actor
    ) -> Question:
        return await app.room.questions.move(actor, show_id, question_id, data.state)

    @put(
        "/api/v1/shows/{show_id:str}/questions/{question_id:str}/answer",
        tags=["room"],
        operation_id="answerQuestion",
        summary="Answer a question in writing, also after the show",
        responses=documented(401, 403, 404, 409),
    )
    async def answer(
        show_id: FromPath[str], question_id: FromPath[str], data: JSONBody[AnswerInput], actor: Actor
    ) -> Question:
        return await app.room.questions.answer(actor, show_id, question_id, data.text, pin=data.pin)

    @post(
        "/api/v1/shows/{show_id:str}/questions/{question_id:str}/merge",
        tags=["room"],
        operation_id="mergeQuestion",
        summary="Make two waiting questions one",
        status_code=200,
        responses=documented(401, 403, 404, 409),
    )
    async def merge(
        show_id: FromPath[str], question_id: FromPath[str], data: JSONBody[MergeInput], actor: Actor
    ) -> Question:
        return await app.room.questions.merge(actor, show_id, question_id, data.into)

    @get(
        "/api/v1/shows/{show_id:str}/questions",
        tags=["room"],
        operation_id="listQuestions",
        summary="The questions of a show, the newest first, for its staff",
        responses=documented(401, 403, 404),
    )
    async def listed(
        show_id: FromPath[str], actor: Actor, which: Annotated[Which, QueryParameter(name="state")] = "open"
    ) -> list[Question]:
        return await app.room.questions.listed(actor, show_id, which)

    @get(
        "/api/v1/listings/{listing_id:str}/questions",
        tags=["room"],
        operation_id="listAnswers",
        summary="What was asked about a listing and answered in writing, the newest answer first",
        responses=documented(404),
    )
    async def about(listing_id: FromPath[str]) -> list[Answered]:
        await app.catalog.get(listing_id)
        async with app.db.read() as conn:
            return [Answered(**structs.asdict(row)) for row in await app.room.questions.about(conn, listing_id)]

    return [move, answer, merge, listed, about]
