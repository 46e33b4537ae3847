"""Short-lived signed tokens: which show, to watch or to publish, until when."""

from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from ennichi.kit.clock import Clock
from ennichi.media.errors import TicketRefused
from ennichi.media.model import Grant, Role

LIFETIME = timedelta(minutes=2)
_ALGORITHM = "HS256"


class Tickets:
    """Signs and reads tokens with one secret key.

    `key` is at least 32 random bytes and must be the same in every process that signs or reads;
    `lifetime` is how long a token opens new sessions.
    """

    def __init__(self, key: bytes, clock: Clock, lifetime: timedelta = LIFETIME) -> None:
        if len(key) < 32:
            raise ValueError("the ticket key needs at least 32 bytes")
        self._key = key
        self._clock = clock
        self.lifetime = lifetime

    def sign(self, show_id: str, role: Role) -> tuple[str, datetime]:
        """A token for this show and role, and the moment it runs out."""
        expires_at = (self._clock.now() + self.lifetime).replace(microsecond=0)
        claims = {"show": show_id, "role": role, "exp": int(expires_at.timestamp())}
        return jwt.encode(claims, self._key, algorithm=_ALGORITHM), expires_at

    def read(self, token: str) -> Grant:
        """What the token allows. Raises `TicketRefused` when it is forged, malformed or has run out."""
        try:
            # The expiry is compared with our own clock below, not with the machine's.
            options = {"verify_exp": False, "require": ["show", "role", "exp"]}
            claims: dict[str, Any] = jwt.decode(token, self._key, algorithms=[_ALGORITHM], options=options)  # type: ignore[arg-type]
        except jwt.PyJWTError as problem:
            raise TicketRefused(str(problem)) from problem
        show_id, role, expiry = claims["show"], claims["role"], claims["exp"]
        if not isinstance(show_id, str) or role not in ("watch", "publish") or not isinstance(expiry, int):
            raise TicketRefused("claims of an unknown shape")
        if self._clock.now() >= datetime.fromtimestamp(expiry, UTC):
            raise TicketRefused("run out")
        return Grant(show_id=show_id, role=role)
