"""Order of the house over HTTP: what a store's staff and the operator may do about lines, words and people."""

from typing import TYPE_CHECKING, Annotated

from litestar import delete, get, patch, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta, Struct

from ennichi.moderation import NOTE_MAX, TIMEOUT, WORD_MAX, Act, House, Reason, Report, RuleChanges, Word
from ennichi.web.errors import documented
from ennichi.web.session import Actor

if TYPE_CHECKING:
    from ennichi.app import App

TAGS = ["house"]
STORE = "/api/v1/stores/{store_id:str}"
Before = Annotated[str | None, QueryParameter(max_length=40, description="The id of an act: those before it.")]


class WordInput(Struct, frozen=True):
    """What shall not be said. It is found however it is written: width, kana, case, marks and spaces between."""

    word: Annotated[str, Meta(min_length=1, max_length=2 * WORD_MAX)]


class BlockInput(Struct, frozen=True):
    """How to block."""

    remove_lines: Annotated[
        bool, Meta(description="Take out what they said in the live show in the last 15 minutes, too.")
    ] = False


class TimeoutInput(Struct, frozen=True):
    """For how long."""

    seconds: Annotated[int, Meta(ge=TIMEOUT[0], le=TIMEOUT[1])]


class ReportInput(Struct, frozen=True):
    """Why a line should not stand."""

    reason: Reason
    note: Annotated[str, Meta(max_length=NOTE_MAX)] = ""


class Nothing(Struct, frozen=True):
    """An answer that says nothing: it is the same whatever became of it."""


def routes(app: "App") -> list[HTTPRouteHandler]:
    """The routes of this area."""
    return [
        *_lines(app),
        *_rules(app),
        *_words(app),
        *_staff(app),
        *_restraints(app),
        *_looking_back(app),
        *_operator(app),
    ]


def _lines(app: "App") -> list[HTTPRouteHandler]:
    @delete(
        "/api/v1/shows/{show_id:str}/lines/{line_id:str}",
        tags=TAGS,
        operation_id="removeLine",
        summary="Take a line out, everywhere and at once",
        responses=documented(401, 403, 404),
    )
    async def remove(show_id: FromPath[str], line_id: FromPath[str], actor: Actor) -> None:
        await app.moderation.remove_line(actor, show_id, line_id)

    @post(
        "/api/v1/shows/{show_id:str}/lines/{line_id:str}/reports",
        tags=TAGS,
        operation_id="reportLine",
        summary="Say that a line should not stand",
        description="Counted once per line and person; what the store's own people said goes to the operator alone.",
        status_code=202,
        responses=documented(401, 404),
    )
    async def report(
        show_id: FromPath[str], line_id: FromPath[str], data: JSONBody[ReportInput], actor: Actor
    ) -> Nothing:
        await app.moderation.report(actor, show_id, line_id, data.reason, data.note)
        return Nothing()

    return [remove, report]


def _rules(app: "App") -> list[HTTPRouteHandler]:
    @get(
        f"{STORE}/house",
        tags=TAGS,
        operation_id="getHouse",
        summary="How the store keeps its rooms",
        responses=documented(401, 403, 404),
    )
    async def house(store_id: FromPath[str], actor: Actor) -> House:
        return await app.moderation.house(actor, store_id)

    @patch(
        f"{STORE}/house",
        tags=TAGS,
        operation_id="changeHouse",
        summary="Keep the rooms otherwise",
        description="What is left out stays as it is. Open rooms are told.",
        responses=documented(401, 403, 404),
    )
    async def change(store_id: FromPath[str], data: JSONBody[RuleChanges], actor: Actor) -> House:
        return await app.moderation.change_rules(actor, store_id, data)

    return [house, change]


def _words(app: "App") -> list[HTTPRouteHandler]:
    @post(
        f"{STORE}/words",
        tags=TAGS,
        operation_id="addWord",
        summary="Have a word refused",
        responses=documented(401, 403, 404, 409),
    )
    async def add(store_id: FromPath[str], data: JSONBody[WordInput], actor: Actor) -> House:
        return await app.moderation.words.add(actor, store_id, data.word)

    @delete(
        f"{STORE}/words/{{word_id:str}}",
        tags=TAGS,
        operation_id="dropWord",
        summary="Let a word be said again",
        status_code=200,
        responses=documented(401, 403, 404),
    )
    async def drop(store_id: FromPath[str], word_id: FromPath[str], actor: Actor) -> House:
        return await app.moderation.words.drop(actor, store_id, word_id)

    return [add, drop]


def _staff(app: "App") -> list[HTTPRouteHandler]:
    @put(
        f"{STORE}/moderators/{{account_id:str}}",
        tags=TAGS,
        operation_id="appointModerator",
        summary="Let somebody keep order in the store's rooms",
        responses=documented(401, 403, 404, 409),
    )
    async def appoint(store_id: FromPath[str], account_id: FromPath[str], actor: Actor) -> House:
        return await app.moderation.appoint(actor, store_id, account_id)

    @delete(
        f"{STORE}/moderators/{{account_id:str}}",
        tags=TAGS,
        operation_id="dismissModerator",
        summary="A moderator keeps order no more",
        status_code=200,
        responses=documented(401, 403, 404, 409),
    )
    async def dismiss(store_id: FromPath[str], account_id: FromPath[str], actor: Actor) -> House:
        return await app.moderation.dismiss(actor, store_id, account_id)

    return [appoint, dismiss]


def _restraints(app: "App") -> list[HTTPRouteHandler]:
    @put(
        f"{STORE}/blocks/{{account_id:str}}",
        tags=TAGS,
        operation_id="blockAccount",
        summary="Let what somebody says be heard by themselves alone",
        responses=documented(401, 403, 404, 409),
    )
    async def block(
        store_id: FromPath[str], account_id: FromPath[str], actor: Actor, data: JSONBody[BlockInput | None] = None
    ) -> House:
        remove_lines = data is not None and data.remove_lines
        return await app.moderation.block(actor, store_id, account_id, remove_lines=remove_lines)

    @delete(
        f"{STORE}/blocks/{{account_id:str}}",
        tags=TAGS,
        operation_id="unblockAccount",
        summary="Let somebody be heard again",
        status_code=200,
        responses=documented(401, 403, 404),
    )
    async def unblock(store_id: FromPath[str], account_id: FromPath[str], actor: Actor) -> House:
        return await app.moderation.unblock(actor, store_id, account_id)

    @put(
        f"{STORE}/timeouts/{{account_id:str}}",
        tags=TAGS,
        operation_id="timeOutAccount",
        summary="Let somebody say nothing for a while",
        responses=documented(401, 403, 404, 409),
    )
    async def time_out(
        store_id: FromPath[str], account_id: FromPath[str], data: JSONBody[TimeoutInput], actor: Actor
    ) -> House:
        return await app.moderation.time_out(actor, store_id, account_id, data.seconds)

    @delete(
        f"{STORE}/timeouts/{{account_id:str}}",
        tags=TAGS,
        operation_id="releaseAccount",
        summary="Let somebody who was sent out speak again",
        status_code=200,
        responses=documented(401, 403, 404),
    )
    async def release(store_id: FromPath[str], account_id: FromPath[str], actor: Actor) -> House:
        return await app.moderation.release(actor, store_id, account_id)

    return [block, unblock, time_out, release]


def _looking_back(app: "App") -> list[HTTPRouteHandler]:
    @post(
        f"{STORE}/reports/{{report_id:str}}/settle",
        tags=TAGS,
        operation_id="settleReport",
        summary="A report is dealt with, and the others about the same line with it",
        status_code=200,
        responses=documented(401, 403, 404),
    )
    async def settle(store_id: FromPath[str], report_id: FromPath[str], actor: Actor) -> House:
        return await app.moderation.settle(actor, store_id, report_id)

    @get(
        f"{STORE}/acts",
        tags=TAGS,
        operation_id="listActs",
        summary="Who did what in the store's rooms, newest first",
        responses=documented(401, 403, 404),
    )
    async def acts(store_id: FromPath[str], actor: Actor, before: Before = None) -> list[Act]:
        return await app.moderation.acts(actor, store_id, before)

    return [settle, acts]


def _operator(app: "App") -> list[HTTPRouteHandler]:
    @get(
        "/api/v1/house/words",
        tags=TAGS,
        operation_id="listHouseWords",
        summary="The words that are refused in every room",
        responses=documented(401, 403),
    )
    async def words(actor: Actor) -> list[Word]:
        return await app.moderation.words.everywhere(actor)

    @post(
        "/api/v1/house/words",
        tags=TAGS,
        operation_id="addHouseWord",
        summary="Have a word refused in every room",
        responses=documented(401, 403, 409),
    )
    async def add(data: JSONBody[WordInput], actor: Actor) -> list[Word]:
        return await app.moderation.words.add_everywhere(actor, data.word)

    @delete(
        "/api/v1/house/words/{word_id:str}",
        tags=TAGS,
        operation_id="dropHouseWord",
        summary="Let a word be said again where no store refuses it",
        status_code=200,
        responses=documented(401, 403, 404),
    )
    async def drop(word_id: FromPath[str], actor: Actor) -> list[Word]:
        return await app.moderation.words.drop_everywhere(actor, word_id)

    @get(
        "/api/v1/house/reports",
        tags=TAGS,
        operation_id="listHouseReports",
        summary="The reports that wait anywhere",
        responses=documented(401, 403),
    )
    async def reports(actor: Actor) -> list[Report]:
        return await app.moderation.reports_everywhere(actor)

    @get(
        "/api/v1/house/acts",
        tags=TAGS,
        operation_id="listHouseActs",
        summary="What the operator did for every room, newest first",
        responses=documented(401, 403),
    )
    async def acts(actor: Actor, before: Before = None) -> list[Act]:
        return await app.moderation.acts_everywhere(actor, before)

    return [words, add, drop, reports, acts]
