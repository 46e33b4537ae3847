"""Who gets what: requests in order of arrival, against what is free. Pure rules, no database.

Invariants: no more is given than is free; nobody passes a line that is not empty; a buyer has at most one active hold
and one place in the line of a variant; of a limited listing they never have more than the limit; a key is answered
once. `docs/domains/checkout.md` says the same in words.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Literal

from msgspec import Struct

from ennichi.catalog import SoldOut
from ennichi.checkout.errors import KeyReused, PerBuyer, TooManyHolds, WrongState
from ennichi.checkout.model import MAX_HOLDS, ArrivalOutcome, Why
from ennichi.kit.errors import Problem

Asks = Literal["hold", "wait", "change"]
Verdict = Literal["held", "changed", "waiting", "sold_out", "limit", "again", "gone", "refused"]
"""What an arrival came to; or `again` (answered before: with this key, or with the place in the line they have),
`gone` (there is no such hold to change any more), `refused` (whatever is free)."""

_LOGGED: frozenset[str] = frozenset({"held", "changed", "waiting", "sold_out", "limit"})


class Request(Struct):
    """What somebody asks for. `hold_id`: of the hold to change. Without a key it is not remembered.

    `problem`: why this one may not have it, whatever is free.
    """

    account_id: str
    variant_id: str
    quantity: int
    show_id: str | None
    asks: Asks = "hold"
    key: str | None = None
    digest: str = ""
    hold_id: str | None = None
    why: Why = "taken"
    problem: Problem | None = None


class Standing(Struct):
    """A buyer's active hold of a variant, as it becomes. `lapsed`: its time is over, and it is not swept."""

    hold_id: str
    quantity: int
    confirming: bool = False
    lapsed: bool = False


class Known(Struct):
    """What a key was used for, and what came of it."""

    digest: str
    hold_id: str | None = None
    wait_id: str | None = None


class Ground(Struct, kw_only=True):
    """How things stand before the first request is looked at; settling moves it on."""

    free: dict[str, int]
    """By variant."""
    line: dict[str, int]
    """How many are waiting, by variant; a missing one is 0."""
    last: dict[str, int]
    """The last arrival's number, by variant; a missing one is 0."""
    barred: Mapping[str, Problem]
    """Why nobody may have more of it, by variant, where that is so."""
    limits: Mapping[str, tuple[str, int]]
    """Listing and units for each buyer, by variant, where there is such a limit."""
    active: dict[tuple[str, str], Standing]
    """By account and variant."""
    waiting: dict[tuple[str, str], str]
    """Places in lines by account and variant."""
    busy: dict[str, int]
    """Active holds and places in lines, by account."""
    had: dict[tuple[str, str], int]
    """Units by account and listing, held or bought; for limited listings only."""
    known: dict[tuple[str, str], Known]
    """By account and key."""


class Outcome(Struct):
    """What came of a request. `n` and `left` are for the log; 0 when it is not one for it."""

    request: Request
    verdict: Verdict
    standing: Standing | None = None
    hold_id: str | None = None
    wait_id: str | None = None
    n: int = 0
    left: int = 0
    problem: Problem | None = None

    @property
    def logged(self) -> ArrivalOutcome | None:
        """The word for it in the log of arrivals; None when it does not belong there."""
        return self.verdict if self.verdict in _LOGGED else None  # type: ignore[return-value]  # narrowed by the set

    @property
    def key(self) -> str | None:
        """The key to remember: a refusal may be tried again with the same one."""
        return self.request.key if self.verdict in ("held", "changed", "waiting") else None


class Settling:
    """Settles requests one after the other. `new_id` makes the ids of new holds and places."""

    def __init__(self, ground: Ground, new_id: Callable[[], str]) -> None:
        self.ground = ground
        self.lapsed: list[str] = []
        """Holds whose units went back because their time was over."""
        self._free_before = dict(ground.free)
        self._new_id = new_id

    @property
    def taken(self) -> dict[str, int]:
        """How many units each variant lost so far; less than none where more went back."""
        return {variant: free - self.ground.free[variant] for variant, free in self._free_before.items()}

    def all(self, requests: Iterable[Request]) -> list[Outcome]:
        """What came of each, in the order in which they came."""
        return [self.one(request) for request in requests]

    def one(self, request: Request) -> Outcome:
        """Look at the next request."""
        ground = self.ground
        if request.key is not None:
            known = ground.known.get((request.account_id, request.key))
            if known is not None:
                if known.digest != request.digest:
                    return Outcome(request, "refused", problem=KeyReused())
                return Outcome(request, "again", hold_id=known.hold_id, wait_id=known.wait_id)
        whose = (request.account_id, request.variant_id)
        own = ground.active.get(whose)
        if request.asks == "change":
            return self._change(request, whose, own)
        if problem := request.problem or ground.barred.get(request.variant_id):
            return Outcome(request, "refused", problem=problem)
        if own is None:
            if request.asks == "wait" and whose in ground.waiting:
                return Outcome(request, "again", wait_id=ground.waiting[whose])
        elif own.confirming:
            return Outcome(request, "refused", problem=WrongState(state="confirming"))
        elif own.lapsed:
            self._lapse(whose, own)
            own = None
        return self._arrive(request, whose, own)

    def _change(self, request: Request, whose: tuple[str, str], own: Standing | None) -> Outcome:
        if own is None or own.lapsed or own.confirming or own.hold_id != request.hold_id:
            return Outcome(request, "gone")
        if own.quantity < request.quantity and request.variant_id in self.ground.barred:
            return Outcome(request, "refused", problem=self.ground.barred[request.variant_id])
        return self._arrive(request, whose, own)

    def _arrive(self, request: Request, whose: tuple[str, str], own: Standing | None) -> Outcome:
        ground, variant = self.ground, request.variant_id
        free = ground.free[variant]
        n = ground.last[variant] = ground.last.get(variant, 0) + 1
        have = own.quantity if own else 0
        if variant in ground.limits:
            listing, most = ground.limits[variant]
            left = max(0, most - ground.had.get((request.account_id, listing), 0) + have)
            if request.quantity > left:
                return Outcome(request, "limit", n=n, left=free, problem=PerBuyer(limit=most, left=left))
        if own is None and ground.busy.get(request.account_id, 0) >= MAX_HOLDS:
            return Outcome(request, "limit", n=n, left=free, problem=TooManyHolds(limit=MAX_HOLDS))
        line = ground.line.get(variant, 0)
        offered = 0 if line else free
        gets = request.quantity
        if request.asks == "wait" and own is None and 0 < offered < gets:
            gets = offered  # who would wait for more gets what there is, as they would at the head of the line
        if gets - have > max(offered, 0):
            if request.asks == "wait" and own is None:
                return self._stand_in_line(request, whose, n, free)
            problem = SoldOut(available=offered, waiting=line)
            return Outcome(request, "sold_out", n=n, left=free, problem=problem)
        return self._give(request, whose, own, gets, n)

    def _give(self, request: Request, whose: tuple[str, str], own: Standing | None, gets: int, n: int) -> Outcome:
        ground, variant = self.ground, request.variant_id
        free = ground.free[variant]
        more = gets - (own.quantity if own else 0)
        ground.free[variant] = free - more
        if variant in ground.limits:
            had = (request.account_id, ground.limits[variant][0])
            ground.had[had] = ground.had.get(had, 0) + more
        verdict: Verdict = "changed"
        if own is None:
            verdict = "held"
            own = ground.active[whose] = Standing(self._new_id(), gets)
            ground.busy[request.account_id] = ground.busy.get(request.account_id, 0) + 1
        own.quantity = gets
        wait_id = self._new_id() if request.asks == "wait" else None
        self._remember(request, own.hold_id, wait_id)
        return Outcome(request, verdict, own, own.hold_id, wait_id, n, free)

    def _stand_in_line(self, request: Request, whose: tuple[str, str], n: int, free: int) -> Outcome:
        ground = self.ground
        wait_id = ground.waiting[whose] = self._new_id()
        ground.line[request.variant_id] = ground.line.get(request.variant_id, 0) + 1
        ground.busy[request.account_id] = ground.busy.get(request.account_id, 0) + 1
        self._remember(request, None, wait_id)
        return Outcome(request, "waiting", wait_id=wait_id, n=n, left=free)

    def _remember(self, request: Request, hold_id: str | None, wait_id: str | None) -> None:
        if request.key is not None:
            self.ground.known[request.account_id, request.key] = Known(request.digest, hold_id, wait_id)

    def _lapse(self, whose: tuple[str, str], own: Standing) -> None:
        account, variant = whose
        ground = self.ground
        del ground.active[whose]
        ground.free[variant] += own.quantity
        ground.busy[account] -= 1
        if variant in ground.limits:
            ground.had[account, ground.limits[variant][0]] -= own.quantity
        self.lapsed.append(own.hold_id)


class Waiting(Struct, frozen=True):
    """Somebody in a line. `may_have`: the most they may be given now; 0 ends their waiting."""

    wait_id: str
    quantity: int
    may_have: int


class Turn(Struct, frozen=True):
    """Whose turn it is, and for how many units; 0: they cannot be given any, and their waiting is over."""

    wait_id: str
    units: int


def turns(free: int, line: Iterable[Waiting]) -> list[Turn]:
    """Who in a line (its head first) gets what of the units that are free."""
    called: list[Turn] = []
    for one in line:
        if free <= 0:
            break
        units = min(one.quantity, one.may_have, free)
        called.append(Turn(one.wait_id, max(0, units)))
        free -= max(0, units)
    return called
