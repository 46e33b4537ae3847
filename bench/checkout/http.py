"""Through HTTP: how many holds a second one process makes, and how a thousand units go to five thousand people."""

import multiprocessing
import re
import select
import shutil
import socket
import subprocess
import time
from pathlib import Path

from bench.checkout.stage import Stage, token
from bench.table import Row, table

WRK_MISSING = "wrk is not here: Debian has it, `apt-get install --no-install-recommends wrk`"
LUA = """
local n = 0
local variants = {{ {variants} }}
function request()
  local who = {first} + n % {people}
  local variant = variants[math.floor(n / {people}) % #variants + 1]
  n = n + 1
  return wrk.format("POST", "/api/v1/holds", {{
    ["Authorization"] = "Bearer token-" .. who, ["Idempotency-Key"] = "wrk-" .. n,
    ["Content-Type"] = "application/json" }}, '{{"variant_id": "' .. variant .. '", "show_id": "{show}"}}')
end
"""
CONNECTIONS, SECONDS = 256, 8
PEOPLE, THINGS = 10_000, 20
"""So many people in the room buy one thing after the other; nobody holds more than twenty."""
UNITS, BUYERS = 1_000, 5_000


def throughput(stage: Stage, where: Path, port: int) -> bool:
    """wrk: one thing after the other, everybody in the room takes one of it."""
    wrk = shutil.which("wrk")
    if wrk is None:
        print(f"\n{WRK_MISSING}")
        return True
    people = stage.more_people(PEOPLE)
    stage.stocked(10_000_000)
    variants = ", ".join(f'"{variant}"' for variant in stage.variants[:THINGS])
    script = where / "holds.lua"
    script.write_text(LUA.format(first=people[0], people=PEOPLE, variants=variants, show=stage.show_id))
    url = f"http://127.0.0.1:{port}"
    command = [wrk, "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "--latency", "-s", str(script), url]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=SECONDS + 60).stdout
    rate = float(re.findall(r"Requests/sec:\s+([0-9.]+)", said)[0])
    wrong = re.findall(r"Non-2xx or 3xx responses: (\d+)", said)
    held = sum(stage.held(variant)[2] for variant in stage.variants[:THINGS])
    rows = [
        Row("holds a second", rate, "/s"),
        Row("microseconds for each (bound: 9,000 a second)", 1e6 / rate, "us", 1e6 / 9_000),
        Row("refused", float(wrong[0]) if wrong else 0.0, "", 0),
        Row("holds in the database", held, ""),
    ]
    return table(
        f"Through HTTP: wrk -c {CONNECTIONS}, {PEOPLE:,} people, {THINGS} things, one server process, one machine",
        rows,
    )


def thousand(stage: Stage, port: int) -> bool:
    """A thousand units, five thousand people in the same moment."""
    people = stage.more_people(BUYERS)
    stage.stocked(UNITS)
    with multiprocessing.get_context("spawn").Pool(1) as other:
        answers = other.apply(_crowd, (port, stage.variants[0], stage.show_id, people[0], people[-1]))
    available, _, held = stage.held(stage.variants[0])
    sold_out = [at for status, at in answers if status == 409]
    rows = [
        Row("holds answered, off a thousand", abs(sum(status == 201 for status, _ in answers) - UNITS), "", 0),
        Row("holds in the database, off a thousand", abs(held - UNITS) + available, "", 0),
        Row("other answers", sum(status not in (201, 409) for status, _ in answers), "", 0),
        Row("first 'sold out'", min(sold_out, default=9.9) * 1e3, "ms", 200),
        Row("all answered", max(at for _, at in answers) * 1e3, "ms", 1500),
    ]
    return table(f"{UNITS} units, {BUYERS} people at once through HTTP", rows)


def _crowd(port: int, variant: str, show: str, first: int, last: int) -> list[tuple[int, float]]:
    """Status and seconds of each answer; in a process of its own, with as little between it and the kernel as may be.

    The people are not on the server's machine; here they are, and what they cost is taken from it.
    """
    lines: dict[int, socket.socket] = {}
    requests: list[tuple[socket.socket, bytes]] = []
    ready = select.epoll()
    body = f'{{"variant_id": "{variant}", "show_id": "{show}"}}'
    for n in range(first, last + 1):
        line = socket.create_connection(("127.0.0.1", port))
        lines[line.fileno()] = line
        ready.register(line, select.EPOLLIN)
        request = (
            f"POST /api/v1/holds HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token(n)}\r\n"
            f"Idempotency-Key: rush\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        )
        requests.append((line, request.encode()))
    time.sleep(0.5)  # until the server has taken them all
    answers: list[tuple[int, float]] = []
    began = time.perf_counter()
    for line, sent in requests:
        line.send(sent)
    while lines:
        for fd, _ in ready.poll():
            answer = lines[fd].recv(65_536)
            answers.append((int(answer[9:12]), time.perf_counter() - began))
            ready.unregister(fd)
            lines.pop(fd).close()
    return answers
