import psycopg


def test_a_fresh_database_has_the_whole_schema(db_url: str) -> None:
    with psycopg.connect(db_url) as conn:
        row = conn.execute("select count(*) from migrations").fetchone()
    assert row is not None
    assert row[0] > 0


async def test_it_serves_coroutines_too(db_url: str) -> None:
    async with await psycopg.AsyncConnection.connect(db_url) as conn:
        row = await (await conn.execute("select current_database()")).fetchone()
    assert row is not None
    assert row[0].startswith("test_")
