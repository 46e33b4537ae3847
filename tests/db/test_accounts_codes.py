"""Codes by e-mail: once, in time, five tries, and nothing learned from asking."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.support.people import People, people_on

from ennichi.accounts import Bounds
from ennichi.accounts.errors import CodeExpired, CodeWrong
from ennichi.kit.errors import Invalid, TooFast

EMAIL = "hanako@example.com"


@pytest.fixture
async def people(db_url: str, tmp_path: Path) -> AsyncIterator[People]:
    async with people_on(db_url, tmp_path) as built:
        yield built


def other(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


async def test_a_code_opens_an_account_and_later_the_same_one(people: People) -> None:
    first = await people.verify(" Hanako@Example.COM ", await people.send_code(EMAIL))
    assert (first.account.name, first.account.email) == ("Hanako", EMAIL)
    again = await people.verify(EMAIL, await people.send_code(EMAIL), name="Other")
    assert again.account == first.account
    assert again.token != first.token


async def test_who_gives_no_name_is_called_a_guest(people: People) -> None:
    session = await people.verify(EMAIL, await people.send_code(EMAIL), name=None)
    assert session.account.name.startswith("Guest ")


async def test_a_code_works_once(people: People) -> None:
    code = await people.send_code(EMAIL)
    await people.verify(EMAIL, code)
    with pytest.raises(CodeExpired):
        await people.verify(EMAIL, code)


async def test_a_code_works_once_in_a_race(people: People) -> None:
    code = await people.send_code(EMAIL)
    answers = await asyncio.gather(*(people.verify(EMAIL, code) for _ in range(5)), return_exceptions=True)
    assert sum(not isinstance(answer, BaseException) for answer in answers) == 1
    assert all(isinstance(answer, CodeExpired) for answer in answers if isinstance(answer, BaseException))


async def test_a_code_works_for_ten_minutes(people: People) -> None:
    code = await people.send_code(EMAIL)
    people.clock.advance(599)
    await people.verify(EMAIL, code)
    code = await people.send_code(EMAIL)
    people.clock.advance(600)
    with pytest.raises(CodeExpired):
        await people.verify(EMAIL, code)


async def test_a_code_takes_five_tries(people: People) -> None:
    code = await people.send_code(EMAIL)
    for left in (4, 3, 2, 1, 0):
        with pytest.raises(CodeWrong) as caught:
            await people.verify(EMAIL, other(code))
        assert caught.value.params == {"tries_left": left}
    with pytest.raises(CodeExpired):
        await people.verify(EMAIL, code)


async def test_only_the_newest_code_works(people: People) -> None:
    old = await people.send_code(EMAIL)
    new = await people.send_code(EMAIL)
    if old != new:
        with pytest.raises(CodeWrong):
            await people.verify(EMAIL, old)
    await people.verify(EMAIL, f" {new[:3]} {new[3:]} ")


async def test_a_code_belongs_to_its_address(people: People) -> None:
    code = await people.send_code(EMAIL)
    with pytest.raises(CodeExpired):
        await people.verify("somebody@example.com", code)


async def test_asking_answers_the_same_for_known_and_unknown(people: People) -> None:
    await people.person("Known")
    known = await people.accounts.codes.send("known@example.com", source="192.0.2.1", lang="ja")
    unknown = await people.accounts.codes.send("unknown@example.com", source="192.0.2.1", lang="ja")
    assert known == unknown
    assert [mail.to for mail in people.mails.mails()] == ["unknown@example.com", "known@example.com"]
    assert people.mails.mails()[0].subject.startswith("Ennichi の確認コード")


async def test_what_is_no_address_is_refused(people: People) -> None:
    for email in (
        "",
        "@",
        "a@b",
        "a b@example.com",
        "a@exa mple.com",
        "a\n@example.com",
        "a@b.cd\nBcc: b@c.de",
        "\0@a.bc",
    ):
        with pytest.raises(Invalid):
            await people.send_code(email)
        with pytest.raises(Invalid):
            await people.verify(email, "123456")
    assert people.mails.mails() == []


async def test_codes_and_tries_are_bounded(db_url: str, tmp_path: Path) -> None:
    bounds = Bounds(codes_per_email=(2, 60), codes_per_source=(3, 60), tries_per_source=(2, 60))
    async with people_on(db_url, tmp_path, bounds) as people:
        await people.send_code(EMAIL)
        await people.send_code(EMAIL, source="198.51.100.1")
        with pytest.raises(TooFast) as caught:
            await people.send_code(EMAIL, source="198.51.100.2")
        assert caught.value.params == {"retry_after": 60.0}
        await people.send_code("b@example.com")
        await people.send_code("c@example.com")
        with pytest.raises(TooFast):
            await people.send_code("d@example.com")
        for _ in range(2):
            with pytest.raises(CodeWrong):
                await people.verify(EMAIL, "wrong")
        with pytest.raises(TooFast):
            await people.verify(EMAIL, "wrong")
