"""The question queue as programs meet it over HTTP, and after the server was killed."""

from pathlib import Path
from typing import Any

from tests.support.running import Api, Program, Stall, fresh_database, running

NOBODYS = "0" * 20


def ask(api: Api, stall: Stall, text: str, **about: Any) -> dict[str, Any]:
    line: dict[str, Any] = api.ask("POST", f"/shows/{stall.show_id}/messages", {"text": text, **about})
    return line


def test_from_one_question_of_two_to_its_answer_on_the_listing(market: Program) -> None:
    stall = market.stall("Asked")
    with (
        stall.seller as seller,
        market.sign_up("Asks", "asks@example.com") as one,
        market.sign_up("Asks too", "asks-too@example.com") as other,
        market.api() as nobody,
    ):
        show, listing_id = f"/shows/{stall.show_id}", stall.listing["id"]
        line = ask(one, stall, "Is it safe in a dishwasher?", listing_id=listing_id)
        ask(other, stall, "is it safe in a dishwasher", question=True)
        gone = ask(other, stall, "How much?")
        (how_much, safe) = seller.ask("GET", f"{show}/questions")
        assert (safe["id"], safe["asked"], safe["state"]) == (line["id"], 2, "open")
        merged = seller.ask("POST", f"{show}/questions/{gone['id']}/merge", {"into": line["id"]})
        assert (merged["id"], merged["asked"], how_much["id"]) == (line["id"], 2, gone["id"])
        for body, path in (({"state": "open"}, ""), ({"text": "No."}, "/answer")):
            assert seller.refused("PUT", f"{show}/questions/{gone['id']}{path}", body) == (409, "room.question_gone")
        seller.ask("POST", f"{show}/end")
        refused = seller.refused("PUT", f"{show}/questions/{line['id']}", {"state": "answering"})
        assert refused == (409, "room.closed")
        answered = seller.ask("PUT", f"{show}/questions/{line['id']}/answer", {"text": "Yes, it is."})
        assert (answered["state"], answered["answer"]) == ("answered", "Yes, it is.")
        assert seller.ask("GET", f"{show}/questions") == []
        assert [q["id"] for q in seller.ask("GET", f"{show}/questions?state=answered")] == [line["id"]]
        (found,) = nobody.ask("GET", f"/listings/{listing_id}/questions")
        assert found.pop("at") >= line["at"]
        assert found == {
            "id": line["id"],
            "text": "Is it safe in a dishwasher?",
            "asked": 2,
            "answer": "Yes, it is.",
            "show_id": stall.show_id,
            "media_ms": None,
        }
        (mine,) = other.ask("GET", f"{show}/snapshot")["mine"]["asked"]
        assert (mine["id"], mine["answer"]) == (line["id"], "Yes, it is.")


def test_what_is_refused(market: Program) -> None:
    stall = market.stall("Refusing")
    with stall.seller as seller, market.sign_up("Somebody", "somebody@example.com") as somebody, market.api() as nobody:
        line = ask(somebody, stall, "Is it?")
        queue = f"/shows/{stall.show_id}/questions"
        work: list[tuple[str, str, Any]] = [
            ("PUT", f"{queue}/{line['id']}", {"state": "dropped"}),
            ("PUT", f"{queue}/{line['id']}/answer", {"text": "Yes."}),
            ("POST", f"{queue}/{line['id']}/merge", {"into": line["id"]}),
            ("GET", queue, None),
        ]
        for method, path, body in work[:2] + work[3:]:
            assert nobody.refused(method, path, body) == (401, "auth.required")
            assert somebody.refused(method, path, body) == (403, "auth.forbidden")
        invalid: list[tuple[str, str, Any]] = [
            ("PUT", f"{queue}/{line['id']}", {"state": "merged"}),
            ("PUT", f"{queue}/{line['id']}/answer", {"text": ""}),
            ("PUT", f"{queue}/{line['id']}/answer", {"text": "x" * 501}),
            ("POST", f"{queue}/{line['id']}/merge", {"into": line["id"]}),
            ("GET", f"{queue}?state=nothing", None),
        ]
        for method, path, body in invalid:
            assert seller.refused(method, path, body) == (422, "input.invalid")
        for path in (f"{queue}/{NOBODYS}/answer", f"{queue}/{stall.show_id}/answer"):
            assert seller.refused("PUT", path, {"text": "Yes."}) == (404, "not_found")
        for into in (NOBODYS, "\0", "x" * 64):
            assert seller.refused("POST", f"{queue}/{line['id']}/merge", {"into": into}) == (404, "not_found")
        assert nobody.refused("GET", f"/listings/{NOBODYS}/questions") == (404, "not_found")


def test_no_question_is_lost_when_the_server_is_killed(postgres_url: str, migrated: str, tmp_path: Path) -> None:
    with fresh_database(postgres_url, migrated, "questions_killed") as url:
        settings = {"DATABASE_URL": url}
        demo = {**settings, "ENNICHI_DEMO": "1", "ENNICHI_ROBOTS": "0"}
        with running("up", "--data", str(tmp_path), environ=demo) as program:
            stall = program.stall("Killed")
            people = [program.sign_up(f"Asker {n}", f"asker{n}@example.com") for n in range(3)]
            asked = [ask(person, stall, f"What is No. {n}?") for n in range(4) for person in people]
            stall.seller.ask("PUT", f"/shows/{stall.show_id}/questions/{asked[0]['id']}", {"state": "answering"})
            stall.seller.ask("PUT", f"/shows/{stall.show_id}/questions/{asked[3]['id']}/answer", {"text": "One."})
            for person in (stall.seller, *people):
                person.close()
            program.process.kill()
            program.process.wait()
        with running("up", "--data", str(tmp_path), environ=settings) as program:
            token = stall.seller.headers["authorization"].removeprefix("Bearer ")
            with program.api(token) as seller:
                snapshot = seller.ask("GET", f"/shows/{stall.show_id}/snapshot")
        heads = [(asked[n]["id"], 3, state) for n, state in ((0, "answering"), (6, "open"), (9, "open"))]
        assert [(q["id"], q["asked"], q["state"]) for q in snapshot["questions"]] == heads
        assert snapshot["answering"]["id"] == asked[0]["id"]
        assert [line["id"] for line in snapshot["lines"]] == [line["id"] for line in asked]
