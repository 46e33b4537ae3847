"""HEAD, for whoever only wants to know: link previews, uptime checks, caches."""

from typing import Any

from litestar.types import ASGIApp, Message, Receive, Send

ENDLESS = "/feed"
"""Answers that have no end are not begun for somebody who does not listen."""


def with_head(app: ASGIApp) -> ASGIApp:
    """`app`, answering HEAD as GET without the body."""

    async def answering(scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD" or scope["path"].endswith(ENDLESS):
            await app(scope, receive, send)
            return

        async def without_body(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        asked: Any = {**scope, "method": "GET"}
        await app(asked, receive, without_body)

    return answering
