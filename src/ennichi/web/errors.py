"""Turns whatever goes wrong in a request into the one shape of error the API has."""

from typing import Any

import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.openapi.datastructures import ResponseSpec
from msgspec import Struct
from psycopg import DataError, OperationalError

from ennichi.kit.errors import Invalid, Problem
from ennichi.kit.outage import outage
from ennichi.web.headers import HEADERS

log = structlog.get_logger(__name__)

_CODES = {
    400: ("input.malformed", "The body could not be read."),
    401: ("auth.required", "Sign in first."),
    403: ("auth.forbidden", "This account may not do that."),
    404: ("not_found", "There is no such thing here."),
    405: ("method.not_allowed", "This address does not take that method."),
    413: ("input.too_large", "The body is larger than is taken here."),
    415: ("input.malformed", "The body is of a kind that is not taken here."),
}

RETRY_AFTER_S = 5

_MEANINGS = {
    401: "Nobody is signed in.",
    403: "Signed in, but not allowed to.",
    404: "No such thing.",
    409: "A business fact stands against it; the code says which.",
    413: "Too large.",
    422: "Malformed input.",
    429: "Too many requests; see Retry-After.",
    503: "Something that is needed does not answer now: try again later.",
}


class ErrorBody(Struct):
    """What went wrong: a stable code, a sentence for developers, parameters."""

    code: str
    message: str
    params: dict[str, Any]


class ErrorAnswer(Struct):
    """Every error of the API."""

    error: ErrorBody


def answer(status: int, code: str, message: str, params: dict[str, Any] | None = None) -> Response[ErrorAnswer]:
    """An error as a response."""
    headers = dict(HEADERS)
    if params and "retry_after" in params:
        headers["Retry-After"] = str(max(1, round(params["retry_after"])))
    body = ErrorAnswer(ErrorBody(code, message, params or {}))
    return Response(body, status_code=status, media_type="application/json", headers=headers)


def on_problem(_: Request[Any, Any, Any], problem: Problem) -> Response[ErrorAnswer]:
    """A fact that a part of the program reported."""
    return answer(problem.status, problem.code, problem.message, problem.params)


def on_validation(_: Request[Any, Any, Any], problem: ValidationException) -> Response[ErrorAnswer]:
    """Input that does not have the shape the route asks for."""
    extra = problem.extra if isinstance(problem.extra, list) else []
    if any(item.get("key") == "data" for item in extra):
        return answer(422, *_CODES[400])
    fields = [
        {"path": str(item.get("key", "")), "problem": str(item.get("message", ""))}
        for item in extra
        if isinstance(item, dict)
    ]
    return answer(422, Invalid.code, Invalid.message, {"fields": fields})


def on_http(_: Request[Any, Any, Any], problem: HTTPException) -> Response[ErrorAnswer]:
    """What the framework itself refuses."""
    status = 422 if problem.status_code in (400, 415) else problem.status_code
    code, message = _CODES.get(problem.status_code, ("http.refused", problem.detail))
    return answer(status, code, message)


def on_data(_: Request[Any, Any, Any], problem: DataError) -> Response[ErrorAnswer]:
    """A value that passed every check and still does not fit its column: the sender's, not ours."""
    log.warning("a value did not fit its column", problem=str(problem))
    return answer(422, Invalid.code, Invalid.message, {"fields": []})


def on_database(request: Request[Any, Any, Any], problem: OperationalError) -> Response[ErrorAnswer]:
    """The database is away, for nobody's fault; or a statement failed, which is ours."""
    if not outage.noticed(problem):
        return on_anything(request, problem)
    return answer(503, "server.away", "The database does not answer now.", {"retry_after": RETRY_AFTER_S})


def on_anything(request: Request[Any, Any, Any], problem: Exception) -> Response[ErrorAnswer]:
    """A mistake of ours."""
    log.error("a request failed", method=request.method, path=request.url.path, exc_info=problem)
    return answer(500, "server.failed", "Something went wrong here; it is in the log.")


def documented(*statuses: int) -> dict[int, ResponseSpec]:
    """The errors a route may answer with, for its description; those that any route may answer with are among them."""
    return {
        status: ResponseSpec(ErrorAnswer, generate_examples=False, description=_MEANINGS[status])
        for status in sorted({422, 429, 503, *statuses})
    }


HANDLERS: dict[Any, Any] = {
    Problem: on_problem,
    ValidationException: on_validation,
    HTTPException: on_http,
    DataError: on_data,
    OperationalError: on_database,
    Exception: on_anything,
}


def refusal(request: Request[Any, Any, Any], problem: Exception) -> Response[ErrorAnswer]:
    """What the framework would answer, for whom it does not stand between."""
    handler = next(handler for kind, handler in HANDLERS.items() if isinstance(problem, kind))
    found: Response[ErrorAnswer] = handler(request, problem)
    return found
