"""The database is away: told apart from a mistake of ours, and said in the log once for everybody who notices."""

import math
import time

import structlog
from psycopg import OperationalError
from psycopg.errors import PipelineAborted

log = structlog.get_logger(__name__)

_AWAY = ("08", "53", "57P")
"""How the codes begin that Postgres gives when it cannot be there for anybody: no connection, no room, going down."""
SAY_AGAIN_S = 60.0


def is_away(problem: BaseException) -> bool:
    """Whether this was raised because the database cannot be asked, for nobody's fault."""
    if not isinstance(problem, OperationalError):
        return False
    # Who is cut off, or waited in vain for a connection, has no code of Postgres's; nor who came after what failed.
    if problem.sqlstate is None:
        return not isinstance(problem, PipelineAborted)
    return problem.sqlstate.startswith(_AWAY)


class Outage:
    """Says that the database is away, once a minute: everyone who asks meanwhile is no news."""

    def __init__(self) -> None:
        self._said = self._noticed = -math.inf
        self._open = False

    def noticed(self, problem: BaseException) -> bool:
        """Whether it is the database that is away; then it is said, and there is nothing else to say of `problem`."""
        if not is_away(problem):
            return False
        self._noticed = now = time.monotonic()
        if now - self._said >= SAY_AGAIN_S:
            self._said = now
            self._open = True
            log.error("the database does not answer", problem=str(problem))
        return True

    def answered(self, asked_at: float) -> None:
        """The database answered who began to ask then (of the monotonic clock): said once, if it was away before."""
        if self._open and asked_at > self._noticed:
            self._open = False
            log.info("the database answers again")


outage = Outage()
"""The one of this process, as its log is one."""
