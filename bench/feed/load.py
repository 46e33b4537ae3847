"""What arrives: requests at a steady rate over open connections, each as bytes made before the clock starts."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

CONNECTIONS = 32
PATIENCE_S = 180.0


@dataclass
class Sent:
    """When each accepted request was written, by its number, and what was refused."""

    at: dict[int, float] = field(default_factory=dict)
    took: dict[int, float] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)


def request(port: int, path: str, body: str, token: str | None = None) -> bytes:
    """A POST of JSON as it stands on the wire."""
    content = body.encode()
    bearer = f"Authorization: {token}\r\n" if token else ""
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{bearer}Content-Type: application/json\r\n"
    return f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content


async def send(port: int, requests: Sequence[bytes], per_second: float) -> Sent:
    """Send them at that rate, whether or not the answers keep up; returns when all are answered."""
    sent = Sent()
    waiting: asyncio.Queue[int] = asyncio.Queue()
    workers = [asyncio.create_task(_work(port, requests, waiting, sent)) for _ in range(CONNECTIONS)]
    begun = time.monotonic()
    for number in range(len(requests)):
        await asyncio.sleep(max(0.0, begun + number / per_second - time.monotonic()))
        waiting.put_nowait(number)
    async with asyncio.timeout(PATIENCE_S):
        await waiting.join()
    for worker in workers:
        worker.cancel()
    await asyncio.gather(*workers, return_exceptions=True)
    return sent


async def _work(port: int, requests: Sequence[bytes], waiting: "asyncio.Queue[int]", sent: Sent) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        while True:
            number = await waiting.get()
            begun = time.monotonic()
            writer.write(requests[number])
            status = await _answer(reader)
            if status.startswith("2"):
                sent.at[number] = begun
                sent.took[number] = time.monotonic() - begun
            else:
                sent.refused.append(status)
            waiting.task_done()
    finally:
        writer.close()


async def _answer(reader: asyncio.StreamReader) -> str:
    """The status of an answer that is read to its end."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    length = int(head.split("content-length:")[1].split("\r\n")[0])
    await reader.readexactly(length)
    return head[9:12]
