"""The relay: WebTransport sessions of publishers and viewers, one origin per show, inside this process.

Invariants
- A session is admitted only with a token whose show and role are those of the path it asks for.
- Publishers write into the origin of their show and read nothing; viewers read that origin and write nowhere.
  Both sides are set on every request, because what is left unset falls back to an origin shared by all.
- A show has at most one publisher: a newer one with a valid ticket ends the older (a reloaded page takes over
  at once instead of waiting for the dead connection to time out). It may announce the broadcast "live" and
  is cut off when it announces anything else.
- A show that was closed takes no sessions again.
"""

import asyncio
import contextlib
import socket
from collections.abc import Coroutine
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import moq
import structlog

from ennichi.kit.clock import Clock
from ennichi.media.certificate import OwnCertificate, fingerprint_of
from ennichi.media.errors import RelayFull, TicketRefused
from ennichi.media.frames import AwayHandler
from ennichi.media.model import BROADCAST, Grant, Role, Ticket
from ennichi.media.stall import CODE_ENDED, CODE_FORBIDDEN, CODE_NOT_NOW, CODE_REPLACED, Stall
from ennichi.media.tickets import Tickets

log = structlog.get_logger(__name__)

VIEWER_LIMIT = 400
HANDSHAKE_SECONDS = 10
RENEWAL_CHECK_SECONDS = 3600


class Relay:
    """Takes the video of live shows in and hands it out.

    `host` and `port` are the UDP address to bind (port 0 picks a free one). `certificate` is a pair of
    files (certificate, key) when there is a real one; without it the relay makes its own and tickets carry its
    fingerprint. `limit` is how many viewers are admitted at the same time. Use inside a running event loop:
    `start`, then `issue` tickets, at the end `stop`.
    """

    def __init__(
        self,
        host: str,
        port: int,
        tickets: Tickets,
        clock: Clock,
        *,
        limit: int = VIEWER_LIMIT,
        certificate: tuple[Path, Path] | None = None,
    ) -> None:
        self._bind = (host, port)
        self._tickets = tickets
        self._clock = clock
        self._limit = limit
        self._given = certificate
        self._own: OwnCertificate | None = None
        self._server: moq.Server | None = None
        self._stalls: dict[str, Stall] = {}
        self._ended: dict[str, datetime] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._away: list[AwayHandler] = []
        self.port = port

    async def start(self) -> None:
        """Bind the UDP port and take sessions. Raises `OSError` when the port is taken."""
        host, port = self._bind
        if port == 0:
            port = _free_udp_port(host)
        if self._given is None:
            self._own = OwnCertificate(self._clock)
            certificate, key = self._own.certificate_file, self._own.key_file
        else:
            certificate, key = self._given
        # The defaults are dead ends: every request gets its own pair of origins.
        server = moq.Server(
            f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
            tls_cert=[str(certificate)],
            tls_key=[str(key)],
            publish=moq.OriginProducer(),
            subscribe=moq.OriginProducer(),
        )
        try:
            await server.__aenter__()  # type: ignore[no-untyped-call]
        except moq.Error as problem:
            if self._own is not None:
                self._own.remove()
            raise OSError(f"the relay cannot listen on UDP {host}:{port}: {problem}") from problem
        self._server = server
        self.port = int(server.local_addr.rsplit(":", 1)[1])
        self._spawn(self._accept(server))
        if self._own is not None:
            self._spawn(self._renew(self._own))

    async def stop(self) -> None:
        """End all sessions, for now, and free the port."""
        stalls, self._stalls = self._stalls, {}
        for stall in stalls.values():
            await stall.close(CODE_NOT_NOW)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._server is not None:
            await self._server.__aexit__(None, None, None)
            self._server = None
        if self._own is not None:
            self._own.remove()
            self._own = None

    @property
    def pin(self) -> str:
        """SHA-256 in hex of the certificate shown, own or given.

        For clients on this machine: they reach the relay by an address that a real certificate does not name.
        """
        if self._own is not None:
            return self._own.fingerprint
        if self._given is None:
            raise RuntimeError("the relay is not started")
        return fingerprint_of(self._given[0])

    @property
    def fingerprint(self) -> str | None:
        """SHA-256 of the relay's own certificate in hex; None when a real one was given."""
        return self._own.fingerprint if self._own else None

    @property
    def viewers(self) -> int:
        """How many viewers are connected at the moment, over all shows."""
        return sum(len(stall.viewers) for stall in self._stalls.values())

    def issue(self, show_id: str, role: Role, host: str) -> Ticket:
        """A ticket to this show; `host` is the name the visitor reached us by, without port.

        Whether this person may have it is for the caller to know. Raises `RelayFull` when there is no
        room for another viewer.
        """
        if role == "watch" and self.viewers >= self._limit:
            raise RelayFull(limit=self._limit)
        token, expires_at = self._tickets.sign(show_id, role)
        return Ticket(
            url=f"https://{_reachable(host)}:{self.port}/{role}/{show_id}?token={token}",
            broadcast=BROADCAST,
            fingerprint=self.fingerprint,
            expires_at=expires_at,
        )

    def on_away(self, handler: AwayHandler) -> None:
        """Call `handler(show_id, away)` when frames of an open show stop for two seconds, and when they are back."""
        self._away.append(handler)

    def is_away(self, show_id: str) -> bool:
        """Whether frames of this show are missing at the moment; False for a show that is not open."""
        stall = self._stalls.get(show_id)
        return stall is not None and stall.frames.away

    def open_show(self, show_id: str) -> None:
        """Begin to watch over a live show; calling it again does nothing. The first session does it too."""
        if show_id not in self._stalls and show_id not in self._ended:
            self._stalls[show_id] = Stall(show_id, self._tell_away)

    async def close_show(self, show_id: str) -> None:
        """End the sessions of this show for good; its tickets open nothing from now on."""
        now = self._clock.now()
        # Tokens older than their lifetime are refused anyway, so these need not be remembered.
        self._ended = {known: at for known, at in self._ended.items() if now - at < 2 * self._tickets.lifetime}
        self._ended[show_id] = now
        stall = self._stalls.pop(show_id, None)
        if stall is not None:
            await stall.close(CODE_ENDED)

    async def frame_jpeg(self, show_id: str) -> bytes | None:
        """A recent picture of the show as JPEG, None when there is none yet."""
        stall = self._stalls.get(show_id)
        return await stall.frames.jpeg() if stall is not None else None

    def _tell_away(self, show_id: str, away: bool) -> None:
        for handler in self._away:
            try:
                handler(show_id, away)
            except Exception:
                log.exception("media.away_handler_failed", show=show_id, away=away)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _accept(self, server: moq.Server) -> None:
        async for request in server:
            self._spawn(self._serve(request))

    async def _renew(self, own: OwnCertificate) -> None:
        while True:
            # Looked at by the clock every hour: a long sleep would not count the time a laptop is asleep.
            await asyncio.sleep(RENEWAL_CHECK_SECONDS)
            if own.is_old:
                own.renew()

    async def _serve(self, request: moq.Request) -> None:
        """One session from its request to its end."""
        try:
            grant = self._admit(request)
        except TicketRefused as refusal:
            log.info("media.session_refused", reason=str(refusal))
            await _reject(request, CODE_FORBIDDEN)
            return
        except RelayFull:
            await _reject(request, CODE_NOT_NOW)
            return
        self.open_show(grant.show_id)
        stall = self._stalls[grant.show_id]
        try:
            if grant.role == "publish":
                await self._serve_publisher(stall, request)
            else:
                await self._serve_viewer(stall, request)
        except (moq.Error, TimeoutError) as ending:
            log.debug("media.session_ended", role=grant.role, show=grant.show_id, reason=str(ending))

    def _admit(self, request: moq.Request) -> Grant:
        token = parse_qs(request.query or "").get("token", [""])[0]
        grant = self._tickets.read(token)
        if request.path.strip("/") != f"{grant.role}/{grant.show_id}":
            raise TicketRefused("the path is for another show or role")
        if grant.show_id in self._ended:
            raise TicketRefused("the show is over")
        if grant.role == "watch" and self.viewers >= self._limit:
            raise RelayFull(limit=self._limit)
        return grant

    async def _serve_publisher(self, stall: Stall, request: moq.Request) -> None:
        request.set_consume(stall.origin)
        request.set_publish(moq.OriginProducer())
        async with stall.taking_over:
            if stall.publisher is not None:
                older, stall.publisher = stall.publisher, None
                older.cancel(CODE_REPLACED)
                with contextlib.suppress(moq.Error, TimeoutError):
                    await asyncio.wait_for(older.closed(), 1)
            session = await _accepted(request, stall)
            stall.publisher = session
            stall.cut_off_if_foul()
        try:
            await session.closed()
        finally:
            session.cancel(CODE_NOT_NOW)
            if stall.publisher is session:
                stall.publisher = None

    async def _serve_viewer(self, stall: Stall, request: moq.Request) -> None:
        request.set_publish(stall.origin)
        request.set_consume(moq.OriginProducer())
        session = await _accepted(request, stall)
        stall.viewers.add(session)
        try:
            await session.closed()
        finally:
            session.cancel(CODE_NOT_NOW)
            stall.viewers.discard(session)


async def _accepted(request: moq.Request, stall: Stall) -> moq.Session:
    session = await asyncio.wait_for(request.accept(), HANDSHAKE_SECONDS)
    if stall.closed_with is not None:
        session.cancel(stall.closed_with)
    return session


async def _reject(request: moq.Request, code: int) -> None:
    with contextlib.suppress(moq.Error, TimeoutError):
        await asyncio.wait_for(request.reject(code), HANDSHAKE_SECONDS)


def _reachable(host: str) -> str:
    """The host to put into a relay URL: browsers try ::1 first for "localhost", where nothing listens."""
    name = host.strip("[]")
    if name == "localhost":
        return "127.0.0.1"
    return f"[{name}]" if ":" in name else name


def _free_udp_port(host: str) -> int:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port
