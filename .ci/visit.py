"""Visits a demo market that is starting: the market page, the description of the API, and what is live.

`python3 visit.py ADDRESS PROCESS`: the second is the process that is bringing the market up.
"""

import json
import os
import sys
import time
import urllib.request

PATIENCE_S = 180
LIVE_PATIENCE_S = 30


def fetch(url: str) -> bytes:
    """The body of a page that answers 200."""
    with urllib.request.urlopen(url, timeout=10) as answer:
        return bytes(answer.read())


def wait_for(url: str, process: int) -> bytes:
    """The same, for a program that is still starting."""
    end = time.monotonic() + PATIENCE_S
    while True:
        try:
            return fetch(url)
        except OSError as problem:
            if time.monotonic() > end:
                sys.exit(f"{url} does not answer: {problem}")
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            sys.exit("the program ended before it answered")
        time.sleep(0.2)


def live_show(base: str) -> str:
    """The id of a show that is live; the robot needs a moment to go live."""
    end = time.monotonic() + LIVE_PATIENCE_S
    while True:
        live = json.loads(fetch(f"{base}/api/v1/market"))["live"]
        if live:
            return str(live[0]["id"])
        if time.monotonic() > end:
            sys.exit("no show is live")
        time.sleep(0.5)


def main() -> None:
    """Visit; ends with an error when something is not as it should be."""
    base, process = sys.argv[1], int(sys.argv[2])
    page = wait_for(f"{base}/", process).decode()
    if 'id="boot"' not in page:
        sys.exit("the market page has no first data")
    described = json.loads(fetch(f"{base}/api/openapi.json"))["paths"]
    snapshot = json.loads(fetch(f"{base}/api/v1/shows/{live_show(base)}/snapshot"))
    if snapshot["show"]["state"] != "live" or not snapshot["lineup"]:
        sys.exit("the live show has no line-up")
    print(f"market page {len(page)} characters, {len(described)} paths described, live: {snapshot['show']['title']}")


if __name__ == "__main__":
    main()
