"""Accounts over HTTP: who I am, signing up, in and out, my address."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

from litestar import Response, get, patch, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import JSONBody
from msgspec import UNSET, Meta, Struct, UnsetType

from ennichi.accounts import Account, Address, Ceremony, Name, Session
from ennichi.kit.errors import NotFound
from ennichi.stores import StoreBrief
from ennichi.web.errors import documented
from ennichi.web.session import (
    Actor,
    AnyRequest,
    Visitor,
    language_of,
    signed_in,
    signed_out,
    site_of,
    source_of,
    token_of,
    user_agent_of,
)

if TYPE_CHECKING:
    from ennichi.app import App

TAGS = ["accounts"]
Email = Annotated[str, Meta(min_length=3, max_length=254)]


class Me(Struct, kw_only=True, frozen=True):
    """Who is asking, and what kind of installation this is."""

    account: Account | None
    stores: list[StoreBrief]
    demo: bool
    mail_in_page: Annotated[bool, Meta(description="Whether mail can be read at /demo/mail instead of an inbox.")]


class MyChanges(Struct, frozen=True):
    """What others shall see of me; what is left out stays as it is."""

    name: Name | UnsetType = UNSET
    announced: Annotated[bool, Meta(description="Whether rooms say by name that I have come.")] | UnsetType = UNSET


class NameInput(Struct, frozen=True):
    """What others shall see."""

    name: Name


class CodeInput(Struct, frozen=True):
    """Where a code shall go."""

    email: Email


class CodeSent(Struct, frozen=True):
    """Until when the code works."""

    expires_at: datetime


class CodeTry(Struct, frozen=True):
    """A code that came by e-mail; `name` is for those who have no account yet."""

    email: Email
    code: Annotated[str, Meta(min_length=1, max_length=20)]
    name: Name | None = None


class GuestInput(Struct, frozen=True):
    """Who buys without signing up."""

    email: Annotated[Email, Meta(description="Where mail about the orders goes. It is not proved, and opens nothing.")]
    name: Name | None = None


class CeremonyAnswer(Struct, frozen=True):
    """What navigator.credentials returned, as JSON (PublicKeyCredential.toJSON())."""

    challenge_id: Annotated[str, Meta(min_length=1, max_length=40)]
    credential: dict[str, Any]


async def me_of(app: "App", visitor: Account | None) -> Me:
    """What GET /me answers to `visitor`; pages carry it in their boot data."""
    return Me(
        account=visitor,
        stores=await app.stores.stores_of(visitor) if visitor else [],
        demo=app.settings.demo,
        mail_in_page=app.mail_box is not None and app.settings.smtp_url is None,
    )


def routes(app: "App") -> list[HTTPRouteHandler]:
    """The routes of this area."""
    passkeys = [*_passkey_sign_up(app), *_passkey_sign_in(app), *_more_passkeys(app)]
    return [*_mine(app), *_by_code(app), *_guests(app), *passkeys]


def _mine(app: "App") -> list[HTTPRouteHandler]:
    @get("/api/v1/me", tags=TAGS, operation_id="getMe", summary="Who I am", responses=documented())
    async def me(visitor: Visitor) -> Me:
        return await me_of(app, visitor)

    @patch(
        "/api/v1/me",
        tags=TAGS,
        operation_id="changeMe",
        summary="Change what others see of me",
        responses=documented(401),
    )
    async def change(data: JSONBody[MyChanges], actor: Actor) -> Account:
        name = None if data.name is UNSET else data.name
        announced = None if data.announced is UNSET else data.announced
        return await app.accounts.change(actor, name=name, announced=announced)

    @get(
        "/api/v1/me/address",
        tags=TAGS,
        operation_id="getMyAddress",
        summary="Where my parcels go",
        responses=documented(401, 404),
    )
    async def address(actor: Actor) -> Address:
        async with app.db.read() as conn:
            kept = await app.accounts.address(conn, actor.id)
        if kept is None:
            raise NotFound
        return kept

    @put(
        "/api/v1/me/address",
        tags=TAGS,
        operation_id="putMyAddress",
        summary="Change where my parcels go",
        responses=documented(401),
    )
    async def put_address(data: JSONBody[Address], actor: Actor) -> Address:
        return await app.accounts.put_address(actor, data)

    @post(
        "/api/v1/auth/sign-out",
        tags=TAGS,
        operation_id="signOut",
        summary="Sign out",
        status_code=204,
        responses={204: ResponseSpec(None, generate_examples=False, description="Nobody is signed in any more.")},
    )
    async def sign_out(request: AnyRequest) -> Response[None]:
        if token := token_of(request):
            await app.accounts.sign_out(token)
        return signed_out(request)

    return [me, change, address, put_address, sign_out]


def _by_code(app: "App") -> list[HTTPRouteHandler]:
    @post(
        "/api/v1/auth/code",
        tags=TAGS,
        operation_id="sendCode",
        summary="Send a code by e-mail",
        description="Answers the same whether or not somebody has signed up with the address.",
        status_code=202,
        responses=documented(),
    )
    async def send(request: AnyRequest, data: JSONBody[CodeInput]) -> CodeSent:
        until = await app.accounts.codes.send(data.email, source=source_of(request), lang=language_of(request))
        return CodeSent(until)

    @post(
        "/api/v1/auth/code/verify",
        tags=TAGS,
        operation_id="verifyCode",
        summary="Sign in with the code",
        description="Creates the account when there is none with this address; who is a guest under this address in "
        "the same browser becomes that account.",
        status_code=200,
        responses=documented(409),
    )
    async def verify(request: AnyRequest, data: JSONBody[CodeTry], visitor: Visitor) -> Response[Session]:
        session = await app.accounts.codes.verify(
            data.email,
            data.code,
            data.name,
            source=source_of(request),
            user_agent=user_agent_of(request),
            lang=language_of(request),
            visitor=visitor,
        )
        return signed_in(request, session)

    return [send, verify]


def _guests(app: "App") -> list[HTTPRouteHandler]:
    @post(
        "/api/v1/guests",
        tags=TAGS,
        operation_id="enterAsGuest",
        summary="Buy without signing up",
        description="A guest may hold, buy, and see its own orders. Asked again, its address is corrected. When "
        "the address is proved by a code in the same "
        "browser, the guest becomes a full account.",
        status_code=200,
        responses=documented(409),
    )
    async def enter(request: AnyRequest, data: JSONBody[GuestInput], visitor: Visitor) -> Response[Session]:
        session = await app.accounts.guests.enter(
            data.email,
            data.name,
            source=source_of(request),
            user_agent=user_agent_of(request),
            lang=language_of(request),
            visitor=visitor,
        )
        return signed_in(request, session)

    return [enter]


def _passkey_sign_up(app: "App") -> list[HTTPRouteHandler]:
    passkeys = app.accounts.passkeys

    @post(
        "/api/v1/auth/passkey/sign-up",
        tags=TAGS,
        operation_id="beginPasskeySignUp",
        summary="Begin to sign up with a passkey",
        status_code=200,
        responses=documented(),
    )
    async def begin_sign_up(request: AnyRequest, data: JSONBody[NameInput]) -> Ceremony:
        return await passkeys.begin_sign_up(data.name, site_of(request), source=source_of(request))

    @post(
        "/api/v1/auth/passkey/sign-up/finish",
        tags=TAGS,
        operation_id="finishPasskeySignUp",
        summary="Sign up with a passkey",
        status_code=200,
        responses=documented(409),
    )
    async def finish_sign_up(request: AnyRequest, data: JSONBody[CeremonyAnswer]) -> Response[Session]:
        session = await passkeys.finish_sign_up(
            data.challenge_id,
            data.credential,
            site_of(request),
            source=source_of(request),
            user_agent=user_agent_of(request),
        )
        return signed_in(request, session)

    return [begin_sign_up, finish_sign_up]


def _passkey_sign_in(app: "App") -> list[HTTPRouteHandler]:
    passkeys = app.accounts.passkeys

    @post(
        "/api/v1/auth/passkey/sign-in",
        tags=TAGS,
        operation_id="beginPasskeySignIn",
        summary="Begin to sign in with a passkey",
        status_code=200,
        responses=documented(),
    )
    async def begin_sign_in(request: AnyRequest) -> Ceremony:
        return await passkeys.begin_sign_in(site_of(request), source=source_of(request))

    @post(
        "/api/v1/auth/passkey/sign-in/finish",
        tags=TAGS,
        operation_id="finishPasskeySignIn",
        summary="Sign in with a passkey",
        status_code=200,
        responses=documented(409),
    )
    async def finish_sign_in(request: AnyRequest, data: JSONBody[CeremonyAnswer]) -> Response[Session]:
        session = await passkeys.finish_sign_in(
            data.challenge_id, data.credential, site_of(request), user_agent=user_agent_of(request)
        )
        return signed_in(request, session)

    return [begin_sign_in, finish_sign_in]


def _more_passkeys(app: "App") -> list[HTTPRouteHandler]:
    passkeys = app.accounts.passkeys

    @post(
        "/api/v1/auth/passkey/add",
        tags=TAGS,
        operation_id="beginPasskeyAdd",
        summary="Begin to add a passkey to my account",
        status_code=200,
        responses=documented(401, 409),
    )
    async def begin_add(request: AnyRequest, actor: Actor) -> Ceremony:
        return await passkeys.begin_add(actor, site_of(request), source=source_of(request))

    @post(
        "/api/v1/auth/passkey/add/finish",
        tags=TAGS,
        operation_id="finishPasskeyAdd",
        summary="Add a passkey to my account",
        status_code=204,
        responses=documented(401, 409),
    )
    async def finish_add(request: AnyRequest, data: JSONBody[CeremonyAnswer], actor: Actor) -> None:
        await passkeys.finish_add(actor, data.challenge_id, data.credential, site_of(request))

    return [begin_add, finish_add]
