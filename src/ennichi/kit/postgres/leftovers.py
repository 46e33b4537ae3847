"""Servers that outlived the process that ran them, found by the data folder they work in."""

import signal
from pathlib import Path

import psutil

PATIENCE_S = 20.0


def stop_leftovers(data: Path) -> int:
    """Stop every Postgres process that works in `data`; returns how many there were.

    Call it only while holding the lock of the data folder: then none of them has a living owner. Blocks for a while.
    """
    found = _working_in(data)
    if found:
        ours = {process.pid for process in found}
        heads = [process for process in found if _parent(process) not in ours and process.pid == _written_pid(data)]
        for head in heads:
            _signal(head, signal.SIGINT)
        # Children whose server was killed go by themselves, as soon as they notice.
        _, alive = psutil.wait_procs(found, timeout=PATIENCE_S if heads else 1.0)
        for last, patience in ((signal.SIGQUIT, 3.0), (signal.SIGKILL, 3.0)):
            for process in alive:
                _signal(process, last)
            _, alive = psutil.wait_procs(alive, timeout=patience)
    if _someone_else_has(_written_pid(data)):
        # Postgres would take the present owner of that number for a server of its own and refuse to start.
        (data / "postmaster.pid").unlink(missing_ok=True)
    return len(found)


def _working_in(data: Path) -> list[psutil.Process]:
    if not data.exists():
        return []
    found = []
    for process in psutil.process_iter(["name"]):
        if not (process.info["name"] or "").startswith("postgres"):
            continue
        try:
            if Path(process.cwd()).samefile(data):
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def _written_pid(data: Path) -> int:
    try:
        return int((data / "postmaster.pid").read_text().splitlines()[0])
    except (OSError, ValueError, IndexError):
        return 0


def _someone_else_has(pid: int) -> bool:
    return pid > 0 and psutil.pid_exists(pid)


def _parent(process: psutil.Process) -> int:
    try:
        return process.ppid()
    except psutil.Error:
        return 0


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    try:
        process.send_signal(number)
    except psutil.Error:
        return
