"""The built frontend: read once, sent compressed, kept by browsers for good (their names carry a hash)."""

import gzip
import hashlib
import json
import mimetypes
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from ennichi.kit.errors import NotFound

ENTRY = "src/main.ts"
_PACKED = {"text/javascript", "text/css", "application/json", "image/svg+xml", "text/html", "application/manifest+json"}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file, plain and (where it pays) gzipped."""

    body: bytes
    packed: bytes | None
    kind: str
    etag: str


class Assets:
    """All built files in memory: a few megabytes, so that no request waits for a disk."""

    def __init__(self, folder: Traversable | None = None) -> None:
        self._folder = folder or resources.files("ennichi.web") / "static"
        self._files: dict[str, Asset] = {}
        self._manifest: dict[str, Any] = {}
        if self._folder.is_dir():
            self._read(self._folder, "")
        if manifest := self._files.get("manifest.json"):
            self._manifest = json.loads(manifest.body)

    @property
    def built(self) -> bool:
        """Whether there is a frontend at all."""
        return ENTRY in self._manifest

    def head(self, also: tuple[str, ...] = ()) -> str:
        """The tags that load the program: its styles, its script, and a hint for each chunk in `also`."""
        if not self.built:
            return ""
        entry = self._manifest[ENTRY]
        chunks = self._chunks([ENTRY, *(name for name in also if name in self._manifest)])
        styles = dict.fromkeys(css for chunk in chunks for css in self._manifest[chunk].get("css", []))
        tags = [f'<link rel="stylesheet" href="/static/{css}">' for css in styles]
        tags += [
            f'<link rel="modulepreload" href="/static/{self._manifest[chunk]["file"]}">'
            for chunk in chunks
            if chunk != ENTRY
        ]
        return "".join([*tags, f'<script type="module" src="/static/{entry["file"]}"></script>'])

    def find(self, path: str) -> Asset | None:
        """The file at `path`, relative to /static/."""
        return self._files.get(path)

    def _chunks(self, names: list[str]) -> list[str]:
        found: dict[str, None] = {}
        while names:
            name = names.pop(0)
            if name not in found:
                found[name] = None
                names += self._manifest[name].get("imports", [])
        return list(found)

    def _read(self, folder: Traversable, prefix: str) -> None:
        for item in folder.iterdir():
            if item.is_dir():
                self._read(item, f"{prefix}{item.name}/")
                continue
            body = item.read_bytes()
            kind = mimetypes.guess_type(item.name)[0] or "application/octet-stream"
            packed = gzip.compress(body, 6, mtime=0) if kind in _PACKED and len(body) > 512 else None
            etag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
            self._files[f"{prefix}{item.name}"] = Asset(body, packed, kind, etag)


def routes(assets: Assets) -> list[HTTPRouteHandler]:
    """Serves /static/."""

    @get("/static/{path:path}", include_in_schema=False, sync_to_thread=False)
    def static(request: Request[Any, Any, Any], path: FromPath[str]) -> Response[bytes]:
        name = path.lstrip("/")
        asset = assets.find(name)
        if asset is None:
            raise NotFound
        hashed = name.startswith("assets/")
        headers = {
            "Cache-Control": "public, max-age=31536000, immutable" if hashed else "public, max-age=300",
            "ETag": asset.etag,
            "Vary": "Accept-Encoding",
        }
        if request.headers.get("if-none-match") == asset.etag:
            return Response(b"", status_code=304, headers=headers, media_type=asset.kind)
        if asset.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
            return Response(asset.packed, headers={**headers, "Content-Encoding": "gzip"}, media_type=asset.kind)
        return Response(asset.body, headers=headers, media_type=asset.kind)

    return [static]
