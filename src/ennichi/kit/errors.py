"""Problems a caller can be told about: each has a stable code, parameters and an HTTP status.

Sentences for people are written where people read them; the message here is for developers.
"""

from collections.abc import Sequence
from typing import Any, ClassVar


class Problem(Exception):
    """A fact that stops a request. Subclass it once per code."""

    status: ClassVar[int] = 409
    code: ClassVar[str] = "problem"
    message: ClassVar[str] = "The request could not be carried out."

    def __init__(self, **params: Any) -> None:
        super().__init__(self.code, params)
        self.params: dict[str, Any] = params


class Conflict(Problem):
    """A business fact stands against it (409)."""

    status = 409
    code = "conflict"
    message = "The present state does not allow this."


class NotFound(Problem):
    """No such thing, or not for this person to know of (404)."""

    status = 404
    code = "not_found"
    message = "There is no such thing here."


class Unauthorized(Problem):
    """Somebody has to sign in first (401)."""

    status = 401
    code = "auth.required"
    message = "Sign in first."


class Forbidden(Problem):
    """Signed in, but not allowed to (403)."""

    status = 403
    code = "auth.forbidden"
    message = "This account may not do that."


class TooFast(Problem):
    """Too many in too short a time (429); `retry_after` is in seconds."""

    status = 429
    code = "limits.too_fast"
    message = "Too many requests; try again in a moment."

    def __init__(self, retry_after: float) -> None:
        super().__init__(retry_after=round(retry_after, 1))


class TooLarge(Problem):
    """More bytes than are taken here (413); `limit` is in bytes."""

    status = 413
    code = "input.too_large"
    message = "The body is larger than is taken here."


class Invalid(Problem):
    """The input is not what is asked for (422); `fields` names each path and what is wrong with it."""

    status = 422
    code = "input.invalid"
    message = "Some fields are not as they should be; see params.fields."

    def __init__(self, *fields: tuple[str, str], **params: Any) -> None:
        listed: Sequence[dict[str, str]] = [{"path": path, "problem": problem} for path, problem in fields]
        super().__init__(**({"fields": listed} if listed else {}), **params)
