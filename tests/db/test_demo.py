"""The demo market: set up whole, in both languages, and never among real people."""

from pathlib import Path

import pytest
from tests.support.festival import festival_on
from tests.support.running import spare_port

from ennichi.app import open_app
from ennichi.demo import NotEmpty
from ennichi.demo.market import demo_market
from ennichi.settings import Settings


@pytest.mark.parametrize("lang", ["ja", "en"])
async def test_three_stalls_a_dozen_listings_and_one_live_show(db_url: str, tmp_path: Path, lang: str) -> None:
    settings = Settings(data=tmp_path, demo=True, port=spare_port())
    async with open_app(settings, db_url) as app, demo_market(app, lang=lang, robots=False):
        market = await app.shows.market(None)
        assert len(market.live) == 1
        assert len(market.upcoming) == 2
        assert market.live[0].pinned
        stores = [show.store for show in (*market.live, *market.upcoming)]
        listings = [listing for store in stores for listing in await app.catalog.list_by_store(store.id)]
        assert len({store.id for store in stores}) == 3
        assert len(listings) == 12
        assert all(listing.photos and listing.available for listing in listings)


async def test_it_is_refused_where_somebody_is_already(db_url: str, tmp_path: Path) -> None:
    async with festival_on(db_url, tmp_path) as festival:
        with pytest.raises(NotEmpty):
            async with demo_market(festival.app):
                pytest.fail("the demo moved in among real people")
