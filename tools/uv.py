"""Finds uv, or fetches it into .tools/uv, on a machine that may have nothing but Python.

Runs before anything is installed, on whatever Python the system has: standard library only.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".tools"


def environment() -> dict[str, str]:
    """The environment for everything we start: caches stay inside the project folder."""
    env = dict(os.environ)
    env.update(
        UV_CACHE_DIR=str(TOOLS / "cache" / "uv"),
        UV_PYTHON_INSTALL_DIR=str(TOOLS / "python"),
        UV_NO_PROGRESS="" if sys.stderr.isatty() else "1",
        PIP_CACHE_DIR=str(TOOLS / "cache" / "pip"),
        PIP_DISABLE_PIP_VERSION_CHECK="1",
        PIP_ROOT_USER_ACTION="ignore",
        npm_config_cache=str(TOOLS / "cache" / "npm"),
        npm_config_update_notifier="false",
    )
    env.pop("VIRTUAL_ENV", None)
    return env


def find() -> str:
    """The path of a uv that runs; exits with a line saying what to install when there is no way to get one."""
    for candidate in (shutil.which("uv"), str(TOOLS / "uv" / "bin" / "uv")):
        if candidate and _runs([candidate, "--version"]):
            return candidate
    pip = _pip()
    if pip is None:
        sys.exit(
            "To set up, one of these is needed: uv on the PATH, pip or venv for python3"
            " (on Debian and Ubuntu: apt install python3-venv), or an apt-get that works."
        )
    command, extra = pip
    print("Fetching uv, which fetches the rest ...", flush=True)
    lock = str(ROOT / "locks" / "uv.txt")
    target = str(TOOLS / "uv")
    shutil.rmtree(target, ignore_errors=True)
    arguments = ["install", "--quiet", "--require-hashes", "--only-binary", ":all:", "--no-deps", "--target", target]
    done = subprocess.run([*command, *arguments, "-r", lock], env={**environment(), **extra}, check=False)
    found = str(TOOLS / "uv" / "bin" / "uv")
    if done.returncode or not _runs([found, "--version"]):
        sys.exit("uv could not be fetched; see the lines above.")
    return found


def _runs(command: list[str], extra: dict[str, str] | None = None) -> bool:
    try:
        done = subprocess.run(command, capture_output=True, check=False, env={**os.environ, **(extra or {})})
    except OSError:
        return False
    return done.returncode == 0


def _pip() -> tuple[list[str], dict[str, str]] | None:
    """A command that runs pip and what its environment needs, from the nearest place that has one."""
    if _runs([sys.executable, "-m", "pip", "--version"]):
        return [sys.executable, "-m", "pip"], {}
    if _runs([sys.executable, "-c", "import ensurepip, venv"]):
        folder = TOOLS / "pip"
        if _runs([sys.executable, "-m", "venv", "--clear", str(folder)]):
            return [str(folder / "bin" / "python"), "-m", "pip"], {}
    if shutil.which("apt-get") and shutil.which("dpkg-deb"):
        wheel = _pip_wheel_from_apt()
        if wheel:
            extra = {"PYTHONPATH": str(wheel)}
            if _runs([sys.executable, "-m", "pip", "--version"], extra):
                return [sys.executable, "-m", "pip"], extra
    return None


def _pip_wheel_from_apt() -> Path | None:
    """The wheel of pip out of Debian's package, with apt's state in our own folder: no root, nothing installed."""
    print("This Python has no pip: taking it from the system's packages into .tools ...", flush=True)
    home = TOOLS / "apt"
    for folder in ("lists/partial", "cache/archives/partial", "log", "root"):
        (home / folder).mkdir(parents=True, exist_ok=True)
    options = [
        *("-o", f"Dir::State::lists={home / 'lists'}"),
        *("-o", f"Dir::Cache={home / 'cache'}"),
        *("-o", f"Dir::Log={home / 'log'}"),
        # As root apt would fetch as the user _apt, who may not be able to reach this folder.
        *("-o", f"APT::Sandbox::User={'root' if os.geteuid() == 0 else ''}"),
        # Hooks of the installation may want to write to the system's own folders.
        *("-o", "APT::Update::Post-Invoke::=", "-o", "APT::Update::Post-Invoke-Success::="),
    ]
    for command in (
        ["apt-get", *options, "-qq", "update"],
        ["apt-get", *options, "-qq", "download", "python3-pip-whl"],
    ):
        done = subprocess.run(command, cwd=home, check=False, stdout=subprocess.DEVNULL)
        if done.returncode:
            return None
    package = next(home.glob("python3-pip-whl_*.deb"), None)
    if package is None or not _runs(["dpkg-deb", "-x", str(package), str(home / "root")]):
        return None
    return next((home / "root" / "usr" / "share" / "python-wheels").glob("pip-*.whl"), None)
