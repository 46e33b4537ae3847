"""Presence counts people: whatever their tabs, reconnections and pages do."""

from ennichi.room.presence import AWAY, GRACE, Arrivals, Presence, visitor_key


def key(who: str) -> str:
    return visitor_key(None, who, "1")


def test_one_person_with_many_tabs_is_one() -> None:
    presence = Presence()
    for _ in range(3):
        presence.come(key("ann"), None, 0)
    assert presence.counts == (1, 1, 1)
    presence.go(key("ann"), 1)
    presence.go(key("ann"), 1)
    presence.settle(100)
    assert presence.counts == (1, 1, 1)
    presence.go(key("ann"), 100)
    presence.settle(100 + GRACE)
    assert presence.counts == (0, 1, 1)


def test_a_reconnection_does_not_show() -> None:
    presence = Presence()
    presence.come(key("ann"), None, 0)
    presence.go(key("ann"), 10)
    assert presence.settle(10 + GRACE - 0.1) == 10 + GRACE
    assert presence.counts == (1, 1, 1)
    presence.come(key("ann"), None, 10 + GRACE - 0.1)
    assert presence.settle(1000) is None
    assert presence.counts == (1, 1, 1)


def test_who_leaves_is_gone_after_the_grace_and_not_before() -> None:
    presence = Presence()
    for who in ("ann", "ben", "cleo"):
        presence.come(key(who), None, 0)
    presence.go(key("ann"), 1)
    presence.go(key("ben"), 3)
    assert presence.settle(1 + GRACE) == 3 + GRACE
    assert presence.counts == (2, 3, 3)
    assert presence.settle(3 + GRACE) is None
    assert presence.counts == (1, 3, 3)


def test_a_connection_without_a_name_goes_at_once() -> None:
    presence = Presence()
    connection = visitor_key(None, "", "epoch-1")
    presence.come(connection, None, 0)
    presence.go(connection, 1, comes_back=False)
    assert presence.counts == (0, 1, 1)


def test_keys_tell_people_apart_and_say_nothing_of_them() -> None:
    keys = [
        visitor_key("01m8174gfctgzqxc9qht", "phone", "1"),
        visitor_key(None, "01m8174gfctgzqxc9qht", "1"),
        visitor_key(None, "", "01m8174gfctgzqxc9qht"),
        visitor_key(None, "", "2"),
    ]
    assert len(set(keys)) == len(keys)
    assert all(len(one) == 16 and int(one, 16) >= 0 for one in keys)
    # Signed in they are their account, on whatever device.
    assert visitor_key("a", "phone", "1") == visitor_key("a", "laptop", "2")


def test_an_earlier_life_of_the_room_is_remembered() -> None:
    presence = Presence(seen=[key("ann"), key("ben")], peak=40)
    presence.come(key("ann"), "Ann", 0)
    presence.come(key("cleo"), "Cleo", 0)
    assert presence.counts == (2, 40, 3)
    assert presence.taken_new() == [key("cleo")]
    assert presence.taken_new() == []
    # Ann was here before the program started again: her coming is no news.
    assert presence.announcement(0) == Arrivals(["Cleo"], 1)


def test_arrivals_are_told_together_and_not_often() -> None:
    presence = Presence()
    assert presence.announcement(0) is None
    for n in range(5):
        presence.come(key(f"p{n}"), f"P{n}", 0)
    assert presence.announcement(0) == Arrivals(["P0", "P1", "P2"], 5)
    presence.come(key("late"), "Late", 1)
    assert presence.announcement(1) == 5.0
    assert presence.announcement(5.0) == Arrivals(["Late"], 1)
    assert presence.announcement(20) is None


def test_who_was_long_away_arrives_again_and_who_changed_the_page_does_not() -> None:
    presence = Presence()
    presence.come(key("ann"), "Ann", 0)
    assert presence.announcement(0) == Arrivals(["Ann"], 1)
    presence.go(key("ann"), 10)
    presence.come(key("ann"), "Ann", 12)
    presence.go(key("ann"), 20)
    presence.settle(20 + GRACE)
    presence.come(key("ann"), "Ann", 20 + AWAY)
    assert presence.announcement(700) is None
    presence.go(key("ann"), 1000)
    presence.settle(1000 + GRACE)
    presence.come(key("ann"), "Ann", 1000 + AWAY + 1)
    assert presence.announcement(2000) == Arrivals(["Ann"], 1)


def test_nameless_people_are_not_announced() -> None:
    presence = Presence()
    presence.come(key("ann"), None, 0)
    assert presence.announcement(10) is None
