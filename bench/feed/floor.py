"""The least a server can do: what is posted goes at once to everyone who listens. No room, no database, no rules.

It speaks just enough of the API for the bench to treat it like the program.

    python -m bench.feed.floor PORT
"""

import asyncio
import json
import sys

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\nid: 0\nevent: tick\ndata: []\n\n"
SAID = "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{}"


async def main(port: int) -> None:
    """Serve until the process is ended."""
    listeners: set[asyncio.StreamWriter] = set()
    said = 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal said
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:  # somebody only looked whether there is a server
            writer.close()
            return
        if head.startswith(b"GET"):
            listeners.add(writer)
            writer.write(HEAD)
            await reader.read()
            listeners.discard(writer)
        else:
            length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
            said += 1
            line = {"id": f"{said:020d}"} | json.loads(await reader.readexactly(length))
            event = json.dumps([{"type": "line", "line": line}], separators=(",", ":"))
            frame = f"id: {said}\nevent: tick\ndata: {event}\n\n".encode()
            for listener in listeners:
                listener.write(frame)
            body = json.dumps(line)
            writer.write(SAID.format(len(body), body).encode())
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", port)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
