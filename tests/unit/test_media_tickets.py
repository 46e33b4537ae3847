"""Tickets: what they allow, and what makes them worthless."""

from datetime import UTC, datetime

import jwt
import pytest

from ennichi.kit.clock import FixedClock
from ennichi.media import Tickets
from ennichi.media.errors import TicketRefused
from ennichi.media.model import Grant

KEY = b"k" * 32
NOON = datetime(2026, 11, 22, 12, 0, 0, 500_000, tzinfo=UTC)


@pytest.fixture
def clock():
    return FixedClock(NOON)


@pytest.fixture
def tickets(clock):
    return Tickets(KEY, clock)


def test_a_ticket_allows_what_it_was_signed_for(tickets):
    token, expires_at = tickets.sign("show", "publish")
    assert tickets.read(token) == Grant(show_id="show", role="publish")
    assert expires_at == datetime(2026, 11, 22, 12, 2, tzinfo=UTC)


def test_a_ticket_runs_out_by_our_clock(tickets, clock):
    token, _ = tickets.sign("show", "watch")
    clock.advance(119)
    tickets.read(token)
    clock.advance(1)
    with pytest.raises(TicketRefused):
        tickets.read(token)


@pytest.mark.parametrize(
    "claims",
    [
        {"show": "show", "role": "admin", "exp": 4e9},
        {"show": 7, "role": "watch", "exp": 4_000_000_000},
        {"role": "watch", "exp": 4_000_000_000},
        {"show": "show", "role": "watch"},
        {"show": "show", "role": "watch", "exp": "later"},
    ],
)
def test_claims_of_another_shape_are_refused(tickets, claims):
    with pytest.raises(TicketRefused):
        tickets.read(jwt.encode(claims, KEY, algorithm="HS256"))


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "\0", "é" * 400])
def test_what_is_no_token_is_refused(tickets, token):
    with pytest.raises(TicketRefused):
        tickets.read(token)


def test_another_key_or_algorithm_is_refused(tickets):
    claims = {"show": "show", "role": "watch", "exp": 4_000_000_000}
    for forged in (
        jwt.encode(claims, b"o" * 32, algorithm="HS256"),
        jwt.encode(claims, b"k" * 64, algorithm="HS512"),
        jwt.encode(claims, "", algorithm="none"),
    ):
        with pytest.raises(TicketRefused):
            tickets.read(forged)


def test_a_short_key_is_not_taken(clock):
    with pytest.raises(ValueError, match="32 bytes"):
        Tickets(b"short", clock)
