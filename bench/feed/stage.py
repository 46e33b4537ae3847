"""Who serves in these benches: the program with a room full of people, and nchan; and what serving cost them."""

import contextlib
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import psutil
from bench.feed.load import request
from tests.support.running import Program, running, spare_port

MODULE = "ngx_nchan_module.so"
NCHAN_MISSING = (
    "nchan is not here: Debian has it, `apt-get install --no-install-recommends nginx-light libnginx-mod-nchan`"
)
CONFIG = """
load_module {module};
daemon off;
worker_processes 1;
worker_rlimit_nofile 20000;
error_log {folder}/error.log;
pid {folder}/nginx.pid;
events {{ worker_connections 16384; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  keepalive_requests 1000000;
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    location = /say {{ nchan_publisher; nchan_channel_id room; }}
    location = /feed {{ nchan_subscriber eventsource; nchan_channel_id room; nchan_subscriber_first_message newest; }}
  }}
}}
"""


@dataclass
class Costs:
    """CPU seconds, of who serves and of the database behind."""

    serving: float
    database: float

    def since(self, before: "Costs") -> "Costs":
        """What was spent from then on."""
        return Costs(self.serving - before.serving, self.database - before.database)


@dataclass
class Server:
    """Something with a feed and a way to say something into it."""

    port: int
    pid: int
    feed: str
    program: bool
    tokens: list[str]
    show: str = ""
    first: int = 0

    @property
    def costs(self) -> Costs:
        """What it has used until now."""
        process = psutil.Process(self.pid)
        others = sum(_cpu(child) for child in process.children(recursive=True))
        own = _cpu(process)
        return Costs(own, others) if self.program else Costs(own + others, 0.0)

    @property
    def memory(self) -> int:
        """Bytes of it in memory."""
        process = psutil.Process(self.pid)
        processes = [process] if self.program else [process, *process.children()]
        return sum(int(one.memory_info().rss) for one in processes)

    def saying(self, count: int) -> list[bytes]:
        """That many messages as requests, marked `m000000` and on, from the first mark not used yet."""
        marks = range(self.first, self.first + count)
        if self.program:
            path, tokens = f"{self.show}/messages", self.tokens
            return [request(self.port, path, f'{{"text":"m{n:06d}"}}', tokens[n % len(tokens)]) for n in marks]
        return [request(self.port, "/say", json.dumps(line_as_said(n), separators=(",", ":"))) for n in marks]

    def liking(self, count: int) -> list[bytes]:
        """That many likes as requests."""
        path = f"{self.show}/likes"
        return [request(self.port, path, '{"count":1}', self.tokens[n % len(self.tokens)]) for n in range(count)]


def line_as_said(number: int) -> list[dict[str, object]]:
    """A tick with one line, as long as the program's."""
    account = {"id": "01m8174gfctgzqxc9qht", "name": "p100", "seller": False, "moderator": False}
    line = {
        "id": "01m817596mfj50mjdh81",
        "offset": number,
        "at": "2026-11-22T08:49:57.460067Z",
        "media_ms": 26_000 + number,
        "kind": "said",
        "account": account,
        "text": f"m{number:06d}",
        "question": False,
        "listing_id": None,
        "quantity": None,
        "quiet": False,
    }
    return [{"type": "line", "line": line}]


@contextlib.contextmanager
def ours(people: int) -> Iterator[Server]:
    """The program, with a live show and so many people signed in."""
    with running("demo", "--no-robots") as program:
        stall = program.stall("Bench", stock=5)
        with ThreadPoolExecutor(4) as several:
            tokens = list(several.map(lambda n: _token(program, n), range(people)))
        show = f"/api/v1/shows/{stall.show_id}"
        yield Server(program.port, program.process.pid, f"{show}/feed?who=b{{number}}", True, tokens, show)


def has_nchan() -> bool:
    """Whether nginx with nchan is installed."""
    return _nginx() is not None and _module() is not None


@contextlib.contextmanager
def nchan() -> Iterator[Server]:
    """nginx with nchan, and nothing else."""
    port, nginx, module = spare_port(), _nginx(), _module()
    assert nginx
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "nginx.conf"
        file.write_text(CONFIG.format(module=module, folder=folder, port=port))
        Path(folder).chmod(0o755)
        process = subprocess.Popen([nginx, "-p", folder, "-e", f"{folder}/error.log", "-c", str(file)])
        try:
            _until_open(process.pid, port)
            yield Server(port, process.pid, "/feed?{number}", False, [])
        finally:
            process.terminate()
            process.wait(timeout=10)


def _token(program: Program, number: int) -> str:
    with program.sign_up(f"p{number}", f"p{number}@example.com") as person:
        return str(person.headers["Authorization"])


def _cpu(process: psutil.Process) -> float:
    with contextlib.suppress(psutil.NoSuchProcess):
        times = process.cpu_times()
        return float(times.user + times.system)
    return 0.0


def _nginx() -> str | None:
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


def _module() -> Path | None:
    places = ("/usr/lib/nginx/modules", "/usr/lib64/nginx/modules", "/usr/local/lib/nginx/modules")
    return next((file for place in places if (file := Path(place) / MODULE).exists()), None)


def _until_open(pid: int, port: int) -> None:
    end = time.monotonic() + 10
    while time.monotonic() < end:
        if any(
            conn.laddr.port == port for conn in psutil.Process(pid).net_connections("tcp") if conn.status == "LISTEN"
        ):
            return
        time.sleep(0.05)
    raise TimeoutError("nginx does not open its port")
