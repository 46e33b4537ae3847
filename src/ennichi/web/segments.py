"""The replay's comments over HTTP: an index that grows, and objects that never change."""

import gzip
import hashlib
from typing import TYPE_CHECKING

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath

from ennichi.kit.errors import NotFound
from ennichi.room import Index
from ennichi.web.errors import documented
from ennichi.web.session import AnyRequest

if TYPE_CHECKING:
    from ennichi.app import App

GROWING, WHOLE = 5, 60
"""Seconds an index may be kept: while more will come, and after the show."""
END = ".json"


def routes(app: "App") -> list[HTTPRouteHandler]:
    """The routes of this area."""

    @get(
        "/api/v1/shows/{show_id:str}/segments",
        tags=["room"],
        operation_id="listSegments",
        summary="What happened so far, in closed stretches of about a minute",
        description="Each `url` is an object `{show_id, number, events: [{at, ms, event}]}` that never changes. "
        "Together they have every line once and in order. A line that is removed gives its object another `url`.",
        responses={
            **documented(404),
            304: ResponseSpec(None, generate_examples=False, description="As the ETag that was sent says."),
        },
    )
    async def index(request: AnyRequest, show_id: FromPath[str]) -> Response[Index]:
        found, grows = await app.segments.index(show_id)
        names = "".join(segment.url for segment in found.segments)
        etag = f'"{hashlib.blake2b(names.encode(), digest_size=12).hexdigest()}"'
        headers = {"ETag": etag, "Cache-Control": f"public, max-age={GROWING if grows else WHOLE}"}
        if etag in request.headers.get("if-none-match", ""):
            return Response(None, status_code=304, headers=headers)  # type: ignore[arg-type]  # it has no body
        return Response(found, headers=headers)

    @get("/media/feed/{show_id:str}/{file:str}", include_in_schema=False)
    async def segment(request: AnyRequest, show_id: FromPath[str], file: FromPath[str]) -> Response[bytes]:
        if not file.endswith(END):
            raise NotFound
        packed = await app.segments.packed(show_id, file.removesuffix(END))
        headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Response(packed, media_type="application/json", headers={**headers, "Content-Encoding": "gzip"})
        return Response(gzip.decompress(packed), media_type="application/json", headers=headers)

    return [index, segment]
