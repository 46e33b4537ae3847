"""Sets this folder up: `python3 tools/setup.py run|check|test|lock`. Quick and harmless when all is in place.

Everything goes into .venv and .tools; the marks in .tools/done say what is in place, so that a warm start does nothing.
Runs on whatever Python the system has: standard library only, and no syntax newer than 3.8.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import uv

ROOT = uv.ROOT
TOOLS = uv.TOOLS
VENV = ROOT / ".venv"
DONE = TOOLS / "done"
OLDEST = (3, 11)
LOCK_OPTIONS = [
    "--universal",
    "--generate-hashes",
    "--no-header",
    "--no-emit-index-url",
    "--python-version=3.11",
    "--quiet",
]
BROWSERS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
MAC_BROWSERS = [
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
]


def main() -> None:
    """Do what the first argument asks for."""
    want = sys.argv[1] if len(sys.argv) == 2 else ""
    if want not in ("run", "check", "test", "lock"):
        sys.exit("usage: python3 tools/setup.py run|check|test|lock")
    TOOLS.mkdir(exist_ok=True)
    with (TOOLS / "lock").open("w") as one_at_a_time:
        fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
        if want == "lock":
            lock()
            return
        install("run" if want == "run" else "dev")
        if want != "check":
            done = subprocess.run([str(VENV / "bin" / "python"), "tools/pages.py", "build"], cwd=ROOT, check=False)
            if done.returncode:
                sys.exit(done.returncode)
        if want == "test":
            browser()


def install(which: str) -> None:
    """Put the libraries of the lock file `which` (run or dev) and the program itself into .venv."""
    marks = {name: _mark(name) for name in ("run", "dev")}
    have = _read(DONE / "venv")
    # The development set holds everything that running needs.
    if have in (marks[which], marks["dev"]) and (VENV / "bin" / "ennichi").exists():
        return
    started = time.monotonic()
    tool = uv.find()
    quiet = [] if sys.stderr.isatty() else ["--quiet"]
    python = _python()
    (DONE / "venv").unlink(missing_ok=True)
    if not (VENV / "bin" / "python").exists():
        _run([tool, "venv", "--quiet", "--python", python, str(VENV)])
    print(f"Installing the libraries of locks/{which}.txt (some 300 MB the first time) ...", flush=True)
    target = ["--python", str(VENV / "bin" / "python")]
    _run([tool, "pip", "sync", *quiet, *target, "--require-hashes", f"locks/{which}.txt"])
    _run([tool, "pip", "install", "--quiet", *target, "--no-deps", "--no-build-isolation", "--editable", "."])
    DONE.mkdir(exist_ok=True)
    (DONE / "venv").write_text(marks[which])
    print(f"Libraries in place after {time.monotonic() - started:.0f} s.", flush=True)


def browser() -> None:
    """See to a Chromium and a Japanese font for the browser tests."""
    missing = []
    if not find_browser():
        missing.append("chromium")
    if sys.platform.startswith("linux") and not _japanese_font():
        missing.append("fonts-noto-cjk")
    if not missing:
        return
    root = _as_root()
    if shutil.which("apt-get") and root is not None:
        print(f"Installing {' and '.join(missing)} from the system's packages for the browser tests ...", flush=True)
        _apt(root, "update")
        _apt(root, "install", "-y", "--no-install-recommends", *missing)
    if not find_browser():
        sys.exit(
            "The browser tests need Chromium or Chrome: install it (on Debian: apt install chromium fonts-noto-cjk)"
            " or name its program in ENNICHI_CHROMIUM, then run this again."
        )


def find_browser() -> str | None:
    """The Chromium to test with, if there is one."""
    named = os.environ.get("ENNICHI_CHROMIUM")
    found = [named] if named else [*map(shutil.which, BROWSERS), *(p for p in MAC_BROWSERS if Path(p).exists())]
    return next((path for path in found if path), None)


def lock() -> None:
    """Write locks/*.txt anew with the newest versions: hashes, no addresses."""
    tool = uv.find()
    compile_ = [tool, "pip", "compile", "--upgrade", *LOCK_OPTIONS]
    _run([*compile_, "pyproject.toml", "--group", "build", "-o", "locks/run.txt"])
    _run([*compile_, "pyproject.toml", "--group", "dev", "-c", "locks/run.txt", "-o", "locks/dev.txt"])
    subprocess.run(
        [*compile_, "-", "-o", "locks/uv.txt"], input="uv\n", text=True, cwd=ROOT, env=uv.environment(), check=True
    )
    print("locks/ is new: look at the change, then run `make test`.")


def _mark(which: str) -> str:
    digest = hashlib.sha256(str(ROOT).encode())
    for path in (ROOT / "locks" / (which + ".txt"), ROOT / "pyproject.toml"):
        digest.update(path.read_bytes())
    return which + " " + digest.hexdigest()


def _python() -> str:
    """A Python that is new enough: this one, another of the system, or, said aloud, one that uv fetches."""
    if sys.version_info >= OLDEST:
        # Where it really is: .venv would break when a link on the PATH goes away.
        return os.path.realpath(getattr(sys, "_base_executable", sys.executable))
    for minor in range(14, OLDEST[1] - 1, -1):
        found = shutil.which(f"python3.{minor}")
        if found:
            return found
    if os.environ.get("UV_PYTHON_DOWNLOADS") == "never":
        sys.exit(f"Ennichi needs Python 3.11 or newer; this one is {sys.version.split()[0]}.")
    print("This system's Python is older than 3.11: uv fetches a newer one into .tools ...", flush=True)
    return "3.13"


def _japanese_font() -> bool:
    if shutil.which("fc-list"):
        done = subprocess.run(["fc-list", ":lang=ja", "family"], capture_output=True, check=False)
        return bool(done.stdout.strip())
    return Path("/usr/share/fonts/opentype/noto").exists()


def _as_root() -> list[str] | None:
    """What to put before a command that only root may run; None when we cannot."""
    if os.geteuid() == 0:
        return []
    if (
        shutil.which("sudo")
        and subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0
    ):
        return ["sudo", "-n"]
    return None


def _apt(root: list[str], *arguments: str) -> None:
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    command = [*root, "apt-get", "-qq", *arguments]
    done = subprocess.run(command, env=env, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        print("\n".join(done.stdout.splitlines()[-15:]), flush=True)


def _read(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def _run(command: list[str]) -> None:
    done = subprocess.run(command, cwd=ROOT, env=uv.environment(), check=False)
    if done.returncode:
        sys.exit(f"Set-up stopped: `{' '.join(command[:4])}` failed; see the lines above.")


if __name__ == "__main__":
    main()
