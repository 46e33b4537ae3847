"""`ennichi publish` and the way it asks for tickets, against a small server that answers as the API does."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from click.testing import CliRunner

from ennichi.cli.publish import TicketDenied, publish, ticket_source

SHOW = "0" * 19 + "1"
TICKET = {
    "url": "https://127.0.0.1:8000/publish/x?token=y",
    "broadcast": "live",
    "fingerprint": None,
    "expires_at": "2026-11-22T11:10:18Z",
}


@contextmanager
def answering(*answers):
    """A server that gives these (status, body) in turn; yields its address and what it was asked."""
    left, heard = list(answers), []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            heard.append((self.path, self.headers["Authorization"], json.loads(body)))
            status, content = left.pop(0)
            data = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", heard
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


async def test_it_asks_the_show_s_server_with_the_token():
    with answering((201, TICKET)) as (address, heard):
        ticket = await ticket_source(f"{address}/shows/{SHOW}/studio?lang=en", "secret")()
    assert ticket.url == TICKET["url"]
    assert heard == [(f"/api/v1/shows/{SHOW}/tickets", "Bearer secret", {"role": "publish"})]


async def test_a_refusal_is_told_with_its_reason():
    error = {"error": {"code": "show.wrong_state", "message": "The show's state does not allow this.", "params": {}}}
    with answering((409, error)) as (address, _), pytest.raises(TicketDenied, match=r"show\.wrong_state"):
        await ticket_source(f"{address}/shows/{SHOW}", None)()


async def test_a_server_in_trouble_is_asked_again(monkeypatch):
    monkeypatch.setattr("ennichi.cli.publish._RETRY", 0.01)
    with answering((503, {}), (429, {}), (201, TICKET)) as (address, heard):
        await ticket_source(f"{address}/shows/{SHOW}", None)()
    assert len(heard) == 3


@pytest.mark.parametrize("address", ["", "example.org/shows/x", "file:///shows/" + SHOW, "https://example.org/market"])
def test_what_is_no_show_is_said_at_once(address, tmp_path):
    film = tmp_path / "film.mp4"
    film.write_bytes(b"no film")
    result = CliRunner().invoke(publish, [str(film), "--show", address])
    assert result.exit_code == 1
    assert "not the address of a show" in result.output


def test_a_file_that_cannot_be_sent_is_said_clearly(tmp_path):
    film = tmp_path / "film.mp4"
    film.write_bytes(b"no film")
    result = CliRunner().invoke(publish, [str(film), "--show", f"http://127.0.0.1:1/shows/{SHOW}"])
    assert result.exit_code == 1
    assert "cannot be opened as a video file" in result.output
