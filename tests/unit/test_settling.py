"""Who gets what, as values: whatever many ask for in whatever order, the rules hold."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from ennichi.catalog import Archived, SoldOut
from ennichi.checkout.errors import KeyReused, PerBuyer, TooManyHolds, WrongState
from ennichi.checkout.model import MAX_HOLDS
from ennichi.checkout.settling import Ground, Known, Request, Settling, Standing, Turn, Waiting, turns

VARIANTS = ("red", "blue", "white")
PEOPLE = ("a", "b", "c", "d")
LISTING = "bowl"


def ground(**more: object) -> Ground:
    """Three variants of one thing; nothing happened yet."""
    start = {
        "free": dict.fromkeys(VARIANTS, 5),
        "line": {},
        "last": {},
        "barred": {},
        "limits": {},
        "active": {},
        "waiting": {},
        "busy": {},
        "had": {},
        "known": {},
    }
    return Ground(**{**start, **more})  # type: ignore[arg-type]  # tests fill in what they like


def settling(start: Ground) -> Settling:
    counter = itertools.count(1)
    return Settling(start, lambda: f"id-{next(counter)}")


def request(who: str = "a", what: str = "red", n: int = 1, **more: object) -> Request:
    return Request(who, what, n, None, **more)  # type: ignore[arg-type]


requests = st.builds(
    Request,
    st.sampled_from(PEOPLE),
    st.sampled_from(VARIANTS),
    st.integers(1, 6),
    st.none(),
    st.sampled_from(["hold", "wait", "change"]),
    st.one_of(st.none(), st.sampled_from(["k1", "k2"])),
    st.sampled_from(["x", "y"]),
    st.sampled_from([None, "id-1", "id-2", "own"]),
)


@given(
    st.lists(requests, max_size=30),
    st.fixed_dictionaries({variant: st.integers(0, 6) for variant in VARIANTS}),
    st.sets(st.sampled_from(VARIANTS)),
    st.booleans(),
)
def test_whatever_is_asked(asked: list[Request], free: dict[str, int], full: set[str], limited: bool) -> None:
    line = dict.fromkeys(full, 2)
    free = {variant: 0 if variant in line else n for variant, n in free.items()}
    limits = {"red": (LISTING, 3), "blue": (LISTING, 3)} if limited else {}
    own = Standing("own", 2)
    start = ground(free=dict(free), line=dict(line), limits=limits, active={("a", "red"): own}, busy={"a": 1})
    start.had = {("a", LISTING): 2} if limited else {}
    at_work = settling(start)
    outcomes = at_work.all(asked)
    now = at_work.ground
    for variant in VARIANTS:
        held = sum(one.quantity for (_, which), one in now.active.items() if which == variant)
        assert now.free[variant] >= 0
        assert held + now.free[variant] == free[variant] + (2 if variant == "red" else 0)
        ns = [one.n for one in outcomes if one.n and one.request.variant_id == variant]
        assert ns == list(range(1, len(ns) + 1))
    for one in outcomes:
        new = one.verdict == "held"
        if new and one.standing:
            assert not line.get(one.request.variant_id), "somebody passed the line"
        assert (one.problem is not None) == (one.verdict in ("sold_out", "limit", "refused"))
        assert one.key is None or one.verdict in ("held", "changed", "waiting")
    if limited:
        for who in PEOPLE:
            has = sum(now.active[who, v].quantity for v in ("red", "blue") if (who, v) in now.active)
            assert has <= 3
    for who in PEOPLE:
        busy = sum(account == who for account, _ in (*now.active, *now.waiting))
        assert now.busy.get(who, 0) == busy


def test_first_come_first_served() -> None:
    outcomes = settling(ground()).all([request(who, n=2) for who in PEOPLE])
    assert [one.verdict for one in outcomes] == ["held", "held", "sold_out", "sold_out"]
    assert [(one.n, one.left) for one in outcomes] == [(1, 5), (2, 3), (3, 1), (4, 1)]
    assert isinstance(outcomes[2].problem, SoldOut)
    assert outcomes[2].problem.params == {"available": 1, "waiting": 0}


def test_a_smaller_wish_may_still_be_met() -> None:
    verdicts = [
        one.verdict for one in settling(ground()).all([request("a", n=4), request("b", n=2), request("c", n=1)])
    ]
    assert verdicts == ["held", "sold_out", "held"]


def test_nobody_passes_a_line() -> None:
    at_work = settling(ground(free={"red": 0}))
    first = at_work.all([request("a", asks="wait"), request("b", asks="wait", n=2), request("a", asks="wait")])
    assert [one.verdict for one in first] == ["waiting", "waiting", "again"]
    assert first[2].wait_id == first[0].wait_id
    at_work.ground.free["red"] = 3  # freed in the same batch, and not yet given to the line
    refused = at_work.one(request("c"))
    assert refused.problem
    assert refused.problem.params == {"available": 0, "waiting": 2}
    assert at_work.one(request("d", asks="wait")).verdict == "waiting"


def test_waiting_where_there_is_something_takes_it() -> None:
    at_work = settling(ground())
    one = at_work.one(request("a", n=9, asks="wait"))
    assert (one.verdict, one.standing and one.standing.quantity, bool(one.wait_id)) == ("held", 5, True)


def test_keys() -> None:
    at_work = settling(ground(known={("a", "old"): Known("x", "hold-0")}))
    again = at_work.one(request(key="old", digest="x"))
    assert (again.verdict, again.hold_id, again.n) == ("again", "hold-0", 0)
    assert isinstance(at_work.one(request(key="old", digest="y")).problem, KeyReused)
    first, second = at_work.one(request(key="k", digest="x")), at_work.one(request(key="k", digest="x"))
    assert (first.verdict, second.verdict) == ("held", "again")
    assert second.hold_id == first.hold_id
    assert at_work.one(request("b", n=9, key="k", digest="x")).key is None


def test_limits() -> None:
    at_work = settling(ground(limits={"red": (LISTING, 2), "blue": (LISTING, 2)}, had={("a", LISTING): 1}))
    refused = at_work.one(request("a", n=2))
    assert isinstance(refused.problem, PerBuyer)
    assert refused.problem.params == {"limit": 2, "left": 1}
    assert at_work.one(request("a", n=1)).verdict == "held"
    assert at_work.one(request("a", "blue")).verdict == "limit"
    assert at_work.one(request("a", "white", 5)).verdict == "held"
    full = settling(ground(busy={"a": MAX_HOLDS})).one(request("a"))
    assert isinstance(full.problem, TooManyHolds)


def test_a_lapsed_hold_gives_its_units_back_first() -> None:
    at_work = settling(ground(free={"red": 0}, active={("a", "red"): Standing("old", 2, lapsed=True)}, busy={"a": 1}))
    assert at_work.one(request("a", n=2)).verdict == "held"
    assert at_work.lapsed == ["old"]


def test_what_is_being_paid_or_gone_is_not_changed() -> None:
    paying = ground(active={("a", "red"): Standing("own", 2, confirming=True)}, barred={"blue": Archived()})
    at_work = settling(paying)
    assert isinstance(at_work.one(request("a")).problem, WrongState)
    assert at_work.one(request("a", asks="change", hold_id="own")).verdict == "gone"
    assert at_work.one(request("b", asks="change", hold_id="own")).verdict == "gone"
    assert isinstance(at_work.one(request("a", "blue")).problem, Archived)


@given(st.integers(0, 9), st.lists(st.builds(Waiting, st.uuids().map(str), st.integers(1, 5), st.integers(0, 5))))
def test_turns(free: int, line: list[Waiting]) -> None:
    called = turns(free, line)
    assert [turn.wait_id for turn in called] == [one.wait_id for one in line[: len(called)]]
    assert sum(turn.units for turn in called) <= free
    rest = free - sum(turn.units for turn in called)
    assert rest == 0 or len(called) == len(line)
    assert all(turn.units <= min(one.quantity, one.may_have) for turn, one in zip(called, line, strict=False))
    assert turns(0, line) == []
    assert turns(5, [Waiting("w", 3, 0), Waiting("v", 3, 9)]) == [Turn("w", 0), Turn("v", 3)]
