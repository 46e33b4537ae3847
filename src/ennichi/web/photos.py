"""Photos over HTTP: uploading one, and the files themselves."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.spec import OpenAPIMediaType, Operation, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIFormat, OpenAPIType
from litestar.params import FromPath, RawBody

from ennichi.kit.errors import NotFound
from ennichi.photos import MAX_BYTES, Photo, Size
from ennichi.web.errors import documented
from ennichi.web.session import Actor, AnyRequest

if TYPE_CHECKING:
    from ennichi.app import App

TAGS = ["photos"]
UPLOADS_PER_MINUTE = 60
FILES: dict[str, Size] = {"s.webp": "s", "m.webp": "m", "l.webp": "l"}


@dataclass
class UploadOperation(Operation):
    """Describes the raw body, which the framework does not see in the handler's signature."""

    def __post_init__(self) -> None:
        schema = Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY, max_length=MAX_BYTES)
        self.request_body = RequestBody(content={"image/*": OpenAPIMediaType(schema=schema)}, required=True)


def routes(app: "App") -> list[HTTPRouteHandler]:
    """The routes of this area."""

    @post(
        "/api/v1/photos",
        tags=TAGS,
        operation_id="uploadPhoto",
        operation_class=UploadOperation,
        summary="Upload a photo",
        description="JPEG, PNG, WebP or HEIC, up to 15 MiB, as the raw body. It is re-encoded; nothing but the picture "
        "is kept. 422 photo.unreadable when it is none.",
        request_max_body_size=MAX_BYTES,
        responses=documented(401, 413),
    )
    async def upload(body: RawBody, actor: Actor) -> Photo:
        app.limits.take(f"photos {actor.id}", UPLOADS_PER_MINUTE, 60)
        return await app.photos.take(actor, body)

    @get("/media/photos/{photo_id:str}/{file:str}", include_in_schema=False)
    async def photo(request: AnyRequest, photo_id: FromPath[str], file: FromPath[str]) -> Response[bytes]:
        if file not in FILES:
            raise NotFound
        etag = f'"{photo_id}-{FILES[file]}"'  # what an id shows never changes
        headers = {"ETag": etag, "Cache-Control": "public, max-age=31536000, immutable"}
        if etag in request.headers.get("if-none-match", ""):
            return Response(b"", status_code=304, headers=headers)
        content = await app.photos.read(photo_id, FILES[file])
        return Response(content, media_type="image/webp", headers=headers)

    return [upload, photo]
