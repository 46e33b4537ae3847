"""The far end of a feed, as a list."""

from collections.abc import Mapping
from typing import Any

from ennichi.room.sending import Send


def into(chunks: list[bytes]) -> Send:
    """An ASGI `send` that takes everything at once, and puts the bytes of the body there."""

    async def send(message: Mapping[str, Any]) -> None:
        chunks.append(message["body"])

    return send
