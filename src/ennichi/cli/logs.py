"""How the program writes its log: for reading in a terminal, or as JSON; libraries included."""

import logging
import sys
from typing import Any

import structlog


def set_up_logs(*, as_json: bool) -> None:
    """Send everything to standard error in one form."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso" if as_json else "%H:%M:%S", utc=as_json),
    ]
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if as_json
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(),
            pad_event_to=28,
            # Tracebacks without the values of variables: those could be somebody's address or token.
            exception_formatter=structlog.dev.plain_traceback,
        )
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    last: list[Any] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if as_json:
        last.append(structlog.processors.format_exc_info)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=[*last, renderer]))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    # Each request that a library makes for us is no news; nor is each connection that the database does not open, which
    # kit/outage.py says once for all of them.
    for chatty, least in (("httpx", logging.WARNING), ("httpcore", logging.WARNING), ("psycopg.pool", logging.ERROR)):
        logging.getLogger(chatty).setLevel(least)
