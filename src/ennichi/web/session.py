"""Who is asking, from where, and in which language: read from a request, and provided to handlers by name.

A session arrives as the cookie `ennichi_session` (pages) or as `Authorization: Bearer <token>` (programs). With the
Bearer header the cookie is not looked at. A browser sends cookies also for other sites' pages, so what changes
something must come from our own origin; programs that send a Bearer token are exempt, as no page can send one for them.

The application plugs in `dependencies(app)` and calls `guard` before each request. Handlers then ask for
`visitor: Visitor`, or for `actor: Actor`, which answers 401 when nobody is signed in
and 403 to a guest, unless the route is among `GUESTS_MAY`.
"""

import ipaddress
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from litestar import Request, Response
from litestar.datastructures import Cookie
from litestar.di import NamedDependency, Provide
from litestar.handlers import BaseRouteHandler

from ennichi import locale
from ennichi.accounts import Account, GuestsOnlyBuy, Session, Site
from ennichi.kit.errors import Forbidden, NotFound, Unauthorized
from ennichi.kit.ids import is_id

if TYPE_CHECKING:
    from ennichi.app import App

AnyRequest = Request[Any, Any, Any]

Visitor = NamedDependency[Account | None]
"""Type of a handler's parameter `visitor`: the signed-in account, or None."""

Actor = NamedDependency[Account]
"""Type of a handler's parameter `actor`: the signed-in account; without one the answer is 401."""

COOKIE = "ennichi_session"
LANGUAGE_COOKIE = "ennichi_lang"
COOKIE_LIFE_S = 400 * 86_400
"""As long as browsers keep one: when a session ends is decided by the server, thirty days after its last use."""

GUESTS_MAY = frozenset(
    {
        "getMyAddress",
        "putMyAddress",
        "getPaymentMethods",
        "listCards",
        "forgetCard",
        "issueSandboxCard",
        "takeHold",
        "getHold",
        "changeHold",
        "releaseHold",
        "standInLine",
        "leaveLine",
        "listArrivals",
        "getBasket",
        "quote",
        "buy",
        "getPurchase",
        "continuePurchase",
        "giveUpPurchase",
        "listMyOrders",
        "receiveOrder",
        "rateOrder",
        "cancelOrder",
        "listOrderMessages",
        "sayAboutOrder",
        "readOrderMessages",
    }
)
"""What guests may do of all that wants somebody signed in: buying, and looking after what they bought."""

_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


class WrongOrigin(Forbidden):
    """A page of another site tried to change something here (`origin` is what the browser said, "" when nothing)."""

    message = "Unsafe methods are taken from this site's own pages, or with a Bearer token."


def dependencies(app: "App") -> dict[str, Provide]:
    """`visitor` (the signed-in account, or None) and `actor` (the same, but 401 when there is none)."""

    async def visitor(request: AnyRequest) -> Account | None:
        return await visitor_of(app, request)

    async def actor(request: AnyRequest, visitor: Visitor) -> Account:
        account = signed_in_only(visitor, request.route_handler)
        if said := _language_said(request):
            await app.accounts.speaks(account, said)
        return account

    return {"visitor": Provide(visitor), "actor": Provide(actor)}


async def visitor_of(app: "App", request: AnyRequest) -> Account | None:
    """The account whose session the request carries, or None."""
    token = token_of(request)
    return await app.accounts.authenticate(token) if token else None


def signed_in_only(visitor: Account | None, handler: BaseRouteHandler) -> Account:
    """The visitor; Unauthorized when nobody is signed in, GuestsOnlyBuy when `handler` is not for guests."""
    if visitor is None:
        raise Unauthorized
    if visitor.guest and getattr(handler, "operation_id", None) not in GUESTS_MAY:
        raise GuestsOnlyBuy
    return visitor


def guard(request: AnyRequest, named: Mapping[str, Any]) -> None:
    """Raise NotFound when something `named` in the path has no shape of an identifier, and as `origin_guard` does."""
    if not all(is_id(str(value)) for name, value in named.items() if name.endswith("_id")):
        raise NotFound
    origin_guard(request)


def origin_guard(request: AnyRequest) -> None:
    """Raise WrongOrigin when a browser asks for a change from a page that is not ours."""
    if request.method in _SAFE or _bearer(request):
        return
    origin = request.headers.get("origin")
    if origin is not None:
        if origin != site_of(request).origin:
            raise WrongOrigin(origin=origin[:200])
        return
    fetch_site = request.headers.get("sec-fetch-site")
    if fetch_site in {"same-origin", "none"} or (fetch_site is None and COOKIE not in request.cookies):
        return
    raise WrongOrigin(origin="")


def token_of(request: AnyRequest) -> str | None:
    """The session token the request carries, or None."""
    return _bearer(request) or request.cookies.get(COOKIE)


def source_of(request: AnyRequest) -> str:
    """The network address to count by: a client's IPv4 address, or the /64 its IPv6 address lies in.

    Behind a proxy on the same machine, the last entry of X-Forwarded-For, which that proxy wrote.
    """
    peer = _address(request.client.host if request.client else "")
    if peer is not None and peer.is_loopback:
        forwarded = _address(request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip())
        peer = forwarded or peer
    if isinstance(peer, ipaddress.IPv6Address):
        return str(peer.ipv4_mapped or ipaddress.ip_network((peer, 64), strict=False))
    return str(peer) if peer else "unknown"


def site_of(request: AnyRequest) -> Site:
    """The address under which the browser sees us.

    X-Forwarded-Proto is believed: no page can make a browser send it, so it cannot make another site's origin ours.
    """
    host = request.headers.get("host", "").lower()
    scheme = request.headers.get("x-forwarded-proto", "").partition(",")[0].strip().lower()
    if scheme not in {"http", "https"}:
        scheme = "https" if request.scope["scheme"] in {"https", "wss"} else "http"
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        name = ""
    return Site(rp_id=name, origin=f"{scheme}://{host}")


def language_of(request: AnyRequest) -> str:
    """The visitor's language: `?lang=`, the cookie, what the browser prefers, Japanese."""
    return _language_said(request) or locale.FALLBACK


def _language_said(request: AnyRequest) -> str | None:
    """The language the request asks for in one of these ways; None when it says nothing of it."""
    for wanted in (request.query_params.get("lang"), request.cookies.get(LANGUAGE_COOKIE)):
        if wanted in locale.languages():
            return str(wanted)
    preferred = request.headers.get("accept-language")
    return locale.preferred(preferred) if preferred else None


def user_agent_of(request: AnyRequest) -> str:
    """What the browser calls itself."""
    return request.headers.get("user-agent", "")


def signed_in(request: AnyRequest, session: Session) -> Response[Session]:
    """Answers with a new session, and gives it to the browser as a cookie."""
    headers = {"Cache-Control": "no-store"}
    return Response(session, status_code=200, headers=headers, cookies=[_cookie(request, session.token, COOKIE_LIFE_S)])


def signed_out(request: AnyRequest) -> Response[None]:
    """Answers that it is done, and takes the cookie back."""
    return Response(None, status_code=204, cookies=[_cookie(request, "", 0)])


def _cookie(request: AnyRequest, value: str, max_age: int) -> Cookie:
    secure = site_of(request).origin.startswith("https:")
    return Cookie(key=COOKIE, value=value, path="/", max_age=max_age, httponly=True, samesite="lax", secure=secure)


def _bearer(request: AnyRequest) -> str | None:
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() or None if kind.lower() == "bearer" else None


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
