"""Headers that every answer carries."""

from typing import Any

from litestar import Response

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(self), microphone=(self), publickey-credentials-get=(self)",
}


async def guarded(response: Response[Any]) -> Response[Any]:
    """The answer with these. Not a plain function: the framework runs those in a thread."""
    response.headers.update(HEADERS)
    return response
