"""What is locked by many is locked in one order, so that nobody ends as the victim of another."""

import asyncio

from tests.support.festival import Festival

from ennichi.checkout import NewHold, NewPurchase


async def test_a_sale_locks_the_show_before_its_store_as_likes_do(festival: Festival) -> None:
    app, (buyer, *_) = festival.app, festival.buyers
    listing_id = await festival.listing("茶碗", {"": 3})
    show_id = await festival.live_show([listing_id])
    variant_id = (await app.catalog.get(listing_id)).variants[0].id
    hold = await app.checkout.take(buyer, NewHold(variant_id=variant_id, show_id=show_id), app.ids.new())
    total = (await app.checkout.quote(buyer, [hold.id], "東京都")).totals.total
    async with app.db.transaction() as tx:
        await app.shows.keep_likes(tx, show_id, 5)
        sale = asyncio.create_task(app.checkout.buy(buyer, NewPurchase(hold_ids=[hold.id], total=total), app.ids.new()))
        await asyncio.sleep(0.5)
        assert not sale.done()  # it waits for the show
        await tx.conn.execute("set local lock_timeout = '200ms'")
        await app.stores.add_likes(tx, festival.store.id, 5)
    assert (await sale).order_id
