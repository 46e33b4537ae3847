"""What is read from a request: address, site, language."""

from typing import Any

import pytest
from litestar.testing import RequestFactory

from ennichi.web.session import language_of, site_of, source_of


def request(lang: str = "", client: str = "203.0.113.5", **headers: str) -> Any:
    made = RequestFactory().get(
        query_params={"lang": lang} if lang else None,
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )
    made.scope["client"] = (client, 1) if client else None
    return made


@pytest.mark.parametrize(
    ("client", "forwarded", "source"),
    [
        ("203.0.113.5", "", "203.0.113.5"),
        ("203.0.113.5", "198.51.100.1", "203.0.113.5"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "10.0.0.1, 198.51.100.1", "198.51.100.1"),
        ("::1", "nonsense", "::/64"),
        ("::ffff:203.0.113.5", "", "203.0.113.5"),
        ("2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::/64"),
        ("", "", "unknown"),
    ],
)
def test_whom_to_count(client: str, forwarded: str, source: str) -> None:
    assert source_of(request(client=client, x_forwarded_for=forwarded)) == source


@pytest.mark.parametrize(
    ("host", "proto", "rp_id", "origin"),
    [
        ("localhost:8000", "", "localhost", "http://localhost:8000"),
        ("Market.Example", "https", "market.example", "https://market.example"),
        ("market.example", "gopher", "market.example", "http://market.example"),
        ("[::1]:8000", "", "::1", "http://[::1]:8000"),
        ("[::1", "", "", "http://[::1"),
        ("", "", "", "http://"),
    ],
)
def test_where_we_are(host: str, proto: str, rp_id: str, origin: str) -> None:
    site = site_of(request(host=host, x_forwarded_proto=proto))
    assert (site.rp_id, site.origin) == (rp_id, origin)


@pytest.mark.parametrize(
    ("asked", "cookie", "accepted", "lang"),
    [
        ("en", "ja", "ja", "en"),
        ("xx", "en", "ja", "en"),
        ("", "", "en-US,en;q=0.9,ja;q=0.8", "en"),
        ("", "", "fr, en;q=0.2, ja;q=0.7", "ja"),
        ("", "", "fr", "ja"),
        ("", "", "en;q=0", "ja"),
        ("", "../../etc", ";;q=;,en;q=x", "ja"),
        ("", "", "", "ja"),
    ],
)
def test_which_language(asked: str, cookie: str, accepted: str, lang: str) -> None:
    assert language_of(request(asked, cookie=f"ennichi_lang={cookie}", accept_language=accepted)) == lang
