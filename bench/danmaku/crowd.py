"""Many people who speak into one show at a steady rate, through the API as anybody does."""

import contextlib
import itertools
import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from tests.support.running import Api, Program

PER_PERSON_S = 2.6
"""A person may say ten lines in twenty seconds."""
WORDS = (
    "かんぱーい",
    "透明感すごい",
    "夏休みの味だ",
    "8888888888",
    "w",
    "送料はいくらですか？",
    "beautiful colour",
    "Is it dishwasher safe?",
    "家族👨‍👩‍👧‍👦で使いたい🎐",
    "مرحبا من دبي!",
    "この器の釉薬は、どの土地の灰を使っているのでしょうか。" * 7,
)


class Crowd:
    """`rate` lines a second from as many people as that takes. `refused` holds the answers that were not a yes."""

    def __init__(self, program: Program, show: str, rate: float) -> None:
        self._show = show
        self._rate = rate
        self.refused: list[str] = []
        size = int(rate * PER_PERSON_S) + 1
        self._people = [program.sign_up(f"guest {n}", f"guest-{n}@example.com") for n in range(size)]

    @contextlib.contextmanager
    def speaking(self) -> Iterator[None]:
        """They speak until the end of the block."""
        quiet = threading.Event()
        speaker = threading.Thread(target=self._speak, args=(quiet,), daemon=True)
        speaker.start()
        try:
            yield
        finally:
            quiet.set()
            speaker.join()

    def _speak(self, quiet: threading.Event) -> None:
        dice = random.Random(8)
        begun = time.monotonic()
        with ThreadPoolExecutor(12) as mouths:
            for number, person in enumerate(itertools.cycle(self._people)):
                if quiet.wait(max(0.0, begun + number / self._rate - time.monotonic())):
                    return
                mouths.submit(self._say, person, dice.choice(WORDS))

    def _say(self, person: Api, text: str) -> None:
        answer = person.post(f"/shows/{self._show}/messages", json={"text": text})
        if not answer.is_success:
            self.refused.append(f"{answer.status_code} {answer.text}")
