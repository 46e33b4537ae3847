"""The HTML every page arrives as.

Its head has link-preview tags, its body words that are useful before any script runs and the data of the first
picture. Everything else the program in the page does through the API.
"""

from html import escape
from typing import TYPE_CHECKING, Any

import msgspec
from litestar import Response
from litestar.datastructures import Cookie

from ennichi import locale
from ennichi.accounts import Account
from ennichi.kit.ids import is_id
from ennichi.web.accounts import me_of
from ennichi.web.assets import Assets
from ennichi.web.preview import Preview
from ennichi.web.session import LANGUAGE_COOKIE, AnyRequest, language_of, site_of

if TYPE_CHECKING:
    from ennichi.app import App

_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; style-src 'self' 'unsafe-inline'; "
    "worker-src 'self' blob:; script-src 'self' 'wasm-unsafe-eval' blob:{scripts}; "
    "frame-src 'self'{frames}; connect-src 'self' https: blob: data:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors "
)
_STRIPE = {
    "scripts": " https://js.stripe.com https://*.js.stripe.com",
    "frames": " https://js.stripe.com https://*.js.stripe.com https://hooks.stripe.com",
}
"""What Stripe's program in the page needs: https://docs.stripe.com/security/guide#content-security-policy"""

_FRAMED = "/sandbox/payments/"
"""What stands inside the slip, in a frame of our own pages. Nothing else is shown in anybody's frame."""

Page = tuple[Preview, dict[str, Any]]
BLANK: Page = (Preview(title="縁日 Ennichi"), {"kind": "other"})


async def render(
    app: "App", assets: Assets, request: AnyRequest, visitor: Account | None, page: Page = BLANK, *, status: int = 200
) -> Response[str]:
    """The shell around `page`."""
    preview, body = page
    lang = language_of(request)
    boot = {
        "lang": lang,
        "me": await me_of(app, visitor),
        "demo": app.settings.demo,
        "server_time": app.clock.now(),
        "page": body,
    }
    night = body["kind"] == "watch" or (request.url.path.endswith("/studio") and request.url.path != "/studio")
    data = msgspec.json.encode(boot).decode().replace("<", "\\u003c")
    html = (
        f'<!doctype html><html lang="{lang}" class="{"night" if night else "paper"}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover,'
        ' interactive-widget=resizes-content">'
        f'<meta name="theme-color" content="{"#12132a" if night else "#fffaf2"}">'
        f"{preview.head(site_of(request).origin, request.url.path)}"
        '<link rel="icon" href="/static/icon.svg" type="image/svg+xml">'
        f"{assets.head(_chunks(request.url.path, lang) + _player(body))}</head>"
        f'<body><script type="application/json" id="boot">{data}</script>'
        f'<div id="app"><main class="shell">{preview.body()}</main>'
        f"<noscript>{escape(locale.text(lang, 'page.needs_script'))}</noscript></div></body></html>"
    )
    house = _STRIPE if app.payments.till().gateway == "stripe" else {"scripts": "", "frames": ""}
    policy = _POLICY.format(**house) + ("'self'" if request.url.path.startswith(_FRAMED) else "'none'")
    headers = {"Content-Security-Policy": policy, "Cache-Control": "no-store", "Vary": "Accept-Language, Cookie"}
    chosen = request.query_params.get("lang") == lang
    cookies = [Cookie(LANGUAGE_COOKIE, value=lang, max_age=31_536_000, samesite="lax")] if chosen else []
    return Response(html, status_code=status, media_type="text/html", headers=headers, cookies=cookies)


def _player(body: dict[str, Any]) -> tuple[str, ...]:
    """The video engine, when there is something to play: fetched beside the page's own script, not after it."""
    return ("src/player/watch.ts", "src/player/watch-engine.ts") if body.get("ticket") else ()


def _chunks(path: str, lang: str) -> tuple[str, ...]:
    """The parts of the program that this page opens first, so that the browser fetches them along with the entry."""
    parts = path.strip("/").split("/")
    page: tuple[str, ...] = ()
    areas: tuple[str, ...] = ("common",)
    if parts == [""]:
        page, areas = ("src/market/MarketPage.svelte",), ("common", "market")
    elif parts[0] == "shows" and is_id(parts[1]) and len(parts) == 2:
        page, areas = ("src/watch/WatchPage.svelte",), ("common", "watch")
    elif parts[0] == "shows" and is_id(parts[1]):
        page, areas = ("src/studio-live/StudioPage.svelte",), ("common", "studio", "watch", "room", "house", "errors")
    return (*page, *(f"src/ui/locale/{area}.{lang}.ts" for area in areas))
