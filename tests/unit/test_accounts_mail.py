"""Mail as a real server sees it, and what happens when it will not have it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email import message_from_string, policy

import pytest

from ennichi import locale
from ennichi.accounts import Mail, MailBox, SmtpMailer
from ennichi.accounts.errors import MailUnavailable
from ennichi.kit.errors import Invalid

MAIL = Mail(
    to="hanako@example.com",
    subject="Ennichi の確認コード 123456",
    text="こんばんは。\n.\n123456\n",
    at=datetime(2026, 11, 22, 11, tzinfo=UTC),
)


class Server:
    """Speaks just enough SMTP; `refusal` is what it says to a recipient."""

    def __init__(self, refusal: str = "") -> None:
        self.refusal = refusal
        self.got: list[str] = []

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        while line := (await reader.readline()).decode().rstrip("\r\n"):
            word = line.split(" ")[0].upper()
            if word == "DATA":
                writer.write(b"354 go on\r\n")
                data = await reader.readuntil(b"\r\n.\r\n")
                self.got.append(data[:-5].decode().replace("\r\n..", "\r\n."))
            answer = self.refusal if word == "RCPT" and self.refusal else "250 fine"
            writer.write(f"{answer}\r\n".encode())
            if word == "QUIT":
                break
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


@contextlib.asynccontextmanager
async def listening(server: Server) -> AsyncIterator[SmtpMailer]:
    async with await asyncio.start_server(server.talk, "127.0.0.1", 0) as listener:
        port = listener.sockets[0].getsockname()[1]
        yield SmtpMailer(f"smtp://127.0.0.1:{port}", "縁日 <market@example.com>")


async def test_a_mail_arrives_as_it_was_written() -> None:
    server = Server()
    async with listening(server) as mailer:
        await mailer.send(MAIL)
    letter = message_from_string(server.got[0], policy=policy.default)
    assert (letter["To"], letter["Subject"]) == (MAIL.to, MAIL.subject)
    assert letter["From"] == "縁日 <market@example.com>"
    assert letter["Date"].datetime == MAIL.at
    body = letter.get_body()
    assert body is not None
    assert body.get_content().replace("\r\n", "\n").strip() == MAIL.text.strip()


async def test_an_address_refused_for_good_is_the_senders_mistake() -> None:
    async with listening(Server("550 nobody of that name")) as mailer:
        with pytest.raises(Invalid):
            await mailer.send(MAIL)


async def test_a_server_that_cannot_now_may_be_tried_again() -> None:
    async with listening(Server("451 later")) as mailer:
        with pytest.raises(MailUnavailable):
            await mailer.send(MAIL)
    with pytest.raises(MailUnavailable):
        await mailer.send(MAIL)


@pytest.mark.parametrize("url", ["mail.example", "http://mail.example", "smtp://"])
def test_a_setting_that_is_no_mail_server_is_told(url: str) -> None:
    with pytest.raises(ValueError, match="smtp://"):
        SmtpMailer(url, "market@example.com")


async def test_the_box_keeps_the_last_mails_newest_first() -> None:
    box = MailBox(keep=2)
    for number in range(3):
        await box.send(Mail(to=f"{number}@example.com", subject="", text="", at=MAIL.at))
    assert [mail.to for mail in box.mails()] == ["2@example.com", "1@example.com"]


def test_every_language_has_the_same_words_with_the_same_places() -> None:
    tables = {lang: locale._table(lang) for lang in locale.languages()}
    assert {"ja", "en"} <= tables.keys()
    assert len({frozenset(table) for table in tables.values()}) == 1
