"""With a certificate a browser gets everything over HTTP/2, where a page may hold as many feeds open as it likes."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import expect
from tests.browser.conftest import PATIENCE_MS, PHONE, Launch
from tests.support.running import Program, fresh_database, running

from ennichi.kit.tls import own_certificate

expect.set_options(timeout=PATIENCE_MS)
PROTOCOLS = "performance.getEntries().map((entry) => entry.nextHopProtocol).filter(Boolean)"


@pytest.fixture
def secure(postgres_url: str, migrated: str, tmp_path: Path) -> Iterator[Program]:
    files = own_certificate(tmp_path, ["localhost", "127.0.0.1"], datetime.now(UTC))
    options = ["--no-robots", "--host", "127.0.0.1", "--tls-cert", str(files.certificate), "--tls-key", str(files.key)]
    with (
        fresh_database(postgres_url, migrated, "over_tls") as url,
        running("demo", *options, environ={"DATABASE_URL": url}) as program,
    ):
        yield program


def test_a_show_over_http2(secure: Program, launch: Launch) -> None:
    stall = secure.stall("Harbour")
    with stall.seller as seller, launch().new_context(viewport=PHONE, ignore_https_errors=True) as context:  # type: ignore[arg-type]  # a plain mapping
        pages = [context.new_page() for _ in range(8)]
        for page in pages:
            page.goto(f"{secure.url}/shows/{stall.show_id}")
        # Over HTTP/1 the seventh feed would wait for ever: a browser opens six connections to a host.
        seller.ask("POST", f"/shows/{stall.show_id}/messages", {"text": "Good evening, everyone"})
        for page in pages:
            expect(page.get_by_role("log", name="Chat")).to_contain_text("Good evening, everyone")
        assert set(pages[0].evaluate(PROTOCOLS)) == {"h2"}
    assert secure.stop() == 0
