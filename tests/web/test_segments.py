"""Votes, stamps, the notice, telling the room, and the replay's comments, as programs meet them over HTTP."""

import time
from pathlib import Path
from typing import Any

import httpx
from tests.support.running import Api, Program, fresh_database, running


def replay(api: Api, show_id: str) -> list[dict[str, Any]]:
    """Every event of every segment."""
    index = api.ask("GET", f"/shows/{show_id}/segments")
    site = str(api.base_url).removesuffix("/api/v1/")
    return [event for segment in index["segments"] for event in api.get(site + segment["url"]).json()["events"]]


def first_segment(api: Api, show_id: str) -> dict[str, Any]:
    """The segment of what was said before the show; it is written with the tick that says that the show is live."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        if found := api.ask("GET", f"/shows/{show_id}/segments")["segments"]:
            return dict(found[0])
        time.sleep(0.02)
    raise AssertionError("nothing was written")


def lines(events: list[dict[str, Any]]) -> list[str]:
    return [one["event"]["line"]["text"] for one in events if one["event"]["type"] == "line"]


def test_what_was_answered_is_in_the_replay_after_kill_9(postgres_url: str, migrated: str, tmp_path: Path) -> None:
    with fresh_database(postgres_url, migrated, "segments_killed") as url:
        settings = {"DATABASE_URL": url}
        said = [f"line {n}" for n in range(8)]
        with running(
            "up", "--data", str(tmp_path), environ={**settings, "ENNICHI_DEMO": "1", "ENNICHI_ROBOTS": "0"}
        ) as program:
            stall = program.stall("Killed")
            removed = stall.seller.ask("POST", f"/shows/{stall.show_id}/messages", {"text": "never mind"})
            for text in said:
                stall.seller.ask("POST", f"/shows/{stall.show_id}/messages", {"text": text})
            token = stall.seller.headers["authorization"].removeprefix("Bearer ")
            stall.seller.close()
            program.process.kill()
            program.process.wait()
        with running("up", "--data", str(tmp_path), environ=settings) as program, program.api(token) as seller:
            assert lines(replay(seller, stall.show_id)) == ["never mind", *said]
            seller.ask("POST", f"/shows/{stall.show_id}/messages", {"text": "back again"})
            seller.ask("DELETE", f"/shows/{stall.show_id}/lines/{removed['id']}")
            assert lines(replay(seller, stall.show_id)) == said
            seller.ask("POST", f"/shows/{stall.show_id}/end")
        # What the program was recording when it was asked to stop is there when it comes back.
        with running("up", "--data", str(tmp_path), environ=settings) as program, program.api() as nobody:
            assert lines(replay(nobody, stall.show_id)) == [*said, "back again"]


def test_objects_never_change_and_go_out_compressed(market: Program) -> None:
    stall = market.stall("Packed")
    with stall.seller as seller:
        seller.ask("POST", f"/shows/{stall.show_id}/messages", {"text": "a line"})
        path = f"{market.url}/api/v1/shows/{stall.show_id}/segments"
        answer = seller.get(path)
        assert answer.json() == {"segments": []}
        assert answer.headers["cache-control"] == "public, max-age=5"
        assert seller.get(path, headers={"If-None-Match": answer.headers["etag"]}).status_code == 304
        assert seller.refused("GET", f"/shows/{stall.store['id']}/segments") == (404, "not_found")
        for name in ("1-0.json", "..%2f..%2fticket.key", "1-0", "%00.json"):
            assert httpx.get(f"{market.url}/media/feed/{stall.show_id}/{name}").status_code == 404
        before = market.stall("Spoken", live=False)
        with before.seller as early:
            early.ask("POST", f"/shows/{before.show_id}/messages", {"text": "said before the show"})
            early.ask("POST", f"/shows/{before.show_id}/go-live")
            segment = first_segment(early, before.show_id)
        plain = httpx.get(market.url + segment["url"], headers={"Accept-Encoding": "identity"})
        packed = httpx.get(market.url + segment["url"], headers={"Accept-Encoding": "gzip"})
        assert "content-encoding" not in plain.headers
        assert packed.headers["content-encoding"] == "gzip"
        assert int(packed.headers["content-length"]) == segment["bytes"]
        assert packed.json() == plain.json()
        assert packed.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert packed.headers["vary"] == "Accept-Encoding"
        assert lines(plain.json()["events"]) == ["said before the show"]


def test_a_vote_from_question_to_result(market: Program) -> None:
    stall = market.stall("Voting")
    path = f"/shows/{stall.show_id}"
    with stall.seller as seller, market.sign_up("Voter", "voter@example.com") as voter, market.api() as nobody:
        question = {"question": "Which one first?", "options": ["The blue one", "The red one"], "seconds": 60}
        assert voter.refused("POST", f"{path}/votes", question) == (403, "auth.forbidden")
        for bad in ({"options": ["one"]}, {"options": ["same", "same"]}, {"question": " "}, {"seconds": 5}):
            assert seller.refused("POST", f"{path}/votes", question | bad)[0] == 422
        snapshot = voter.ask("GET", f"{path}/snapshot")
        assert (snapshot["vote"], snapshot["mine"]["choice"]) == (None, None)
        with voter.feed(stall.show_id, f"{snapshot['epoch']}-{snapshot['offset']}") as feed:
            vote = seller.ask("POST", f"{path}/votes", question)
            assert feed.until("vote")["vote"] == vote
            choice = f"{path}/votes/{vote['id']}/choice"
            answer = voter.ask("PUT", choice, {"option": 1})
            assert (answer["choice"], answer["vote"]["options"][1]["votes"]) == (1, 1)
            assert feed.until("vote")["vote"] == answer["vote"]
        assert nobody.refused("PUT", choice, {"option": 0}) == (401, "auth.required")
        assert voter.refused("PUT", choice, {"option": 2}) == (422, "input.invalid")
        assert seller.refused("POST", f"{path}/votes", question) == (409, "vote.running")
        assert voter.ask("GET", f"{path}/snapshot")["mine"]["choice"] == 1
        assert seller.ask("POST", f"{path}/votes/{vote['id']}/close")["state"] == "closed"
        assert voter.refused("PUT", choice, {"option": 0}) == (409, "vote.closed")
        assert seller.ask("DELETE", f"{path}/votes/{vote['id']}") is None
        assert seller.refused("DELETE", f"{path}/votes/{vote['id']}") == (404, "not_found")


def test_stamps_the_notice_and_who_bought(market: Program) -> None:
    stall = market.stall("Telling", stock=9)
    path = f"/shows/{stall.show_id}"
    with stall.seller as seller, market.sign_up("Teller", "teller@example.com") as buyer:
        assert buyer.ask("POST", f"{path}/stamps", {"stamp": "clap"})["kind"] == "stamp"
        assert buyer.refused("POST", f"{path}/stamps", {"stamp": "boo"}) == (422, "input.invalid")
        assert buyer.refused("PUT", f"{path}/notice", {"text": "mine"}) == (403, "auth.forbidden")
        for bad in ({}, {"text": "a", "line_id": "b"}, {"text": "x" * 201}):
            assert seller.refused("PUT", f"{path}/notice", bad) == (422, "input.invalid")
        assert seller.ask("PUT", f"{path}/notice", {"text": "Back at nine"})["text"] == "Back at nine"
        assert buyer.ask("GET", f"{path}/snapshot")["notice"]["text"] == "Back at nine"
        assert seller.ask("DELETE", f"{path}/notice") is None
        snapshot = buyer.ask("GET", f"{path}/snapshot")
        start = f"{snapshot['epoch']}-{snapshot['offset']}"
        wishes: list[dict[str, Any]] = [{}, {"tell_room": False}, {"tell_room": True}]
        for wish in wishes:
            taken = {"variant_id": stall.variant_id, "quantity": 2, "show_id": stall.show_id}
            hold = buyer.ask("POST", "/holds", taken, key=f"hold-{len(wish)}-{wish.get('tell_room')}")
            buyer.buy(hold, key=f"purchase-{len(wish)}-{wish.get('tell_room')}", **wish)
        with buyer.feed(stall.show_id, start) as feed:
            told = feed.until("line", lambda event: event["line"]["kind"] == "bought")
        (bought,) = [line for line in buyer.ask("GET", f"{path}/snapshot")["lines"] if line["kind"] == "bought"]
        assert bought == told["line"]
        assert bought["account"]["name"] == "Teller"
        assert (bought["text"], bought["quantity"], bought["listing_id"]) == ("", 2, stall.listing["id"])
