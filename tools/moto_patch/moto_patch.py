"""Write the local AppFlow as a patch for moto, apply it to releases of moto and run its tests there.

Run as ``python -m tools.moto_patch.moto_patch --output moto-appflow.patch``. The tests run in process and against
moto's server, on this Python and on Python 3.10 if it is installed. Exit status: 0 all passed, 1 a test failed, 2 the
patch does not fit.
"""

import argparse
import os
import re
import shutil
import socket
import subprocess
import sys
import tarfile
import tempfile
import time
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from tools.moto_patch.patch import ROOT, UnknownMotoError, changed_files, diff, new_files

EXTRAS = "server,s3,events"
OLDEST_PYTHON = "python3.10"
PATCH = shutil.which("patch") or "patch"
START_SECONDS = 30


def main() -> int:
    """Write, apply, test."""
    options = _arguments()
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        failures: list[str] = []
        for release in _releases(options.moto, work):
            try:
                tree, patch = patched(release, work / release.name)
            except UnknownMotoError as error:
                click.echo(f"{release.name}: {error}", err=True)
                return 2
            options.output.write_text(patch, encoding="utf-8")
            click.echo(f"{release.name}: wrote {options.output}, {patch.count(chr(10))} lines")
            pythons = options.python or _pythons()
            failures += [run for python in pythons for run in failed_runs(tree, python)]
    for failure in failures:
        click.echo(f"failed: {failure}", err=True)
    return 1 if failures else 0


def patched(release: Path, work: Path) -> tuple[Path, str]:
    """Return a tree of this release with the patch applied, and the patch. Raises UnknownMotoError."""
    before, after, fresh = (_unpacked(release, work / name) for name in ("before", "after", "fresh"))
    files = {**new_files(), **changed_files(before)}
    for name, text in files.items():
        (after / name).parent.mkdir(parents=True, exist_ok=True)
        (after / name).write_text(text, encoding="utf-8")
    code = [name for name in files if name.endswith(".py")]
    for command in (["check", "--fix", "--quiet"], ["format", "--quiet"]):  # by moto's configuration
        _run([sys.executable, "-m", "ruff", *command, *code], after)
    patch = "".join(diff(before, after, list(files)))
    subprocess.run([PATCH, "--quiet", "--strip=1"], cwd=fresh, input=patch, text=True, check=True)
    return fresh, patch


def failed_runs(tree: Path, python: str) -> Iterator[str]:
    """Run the tests in process and against moto's server, and yield the runs that fail."""
    interpreter = _installed(tree, python)
    version = subprocess.run(
        [interpreter, "--version"], capture_output=True, text=True, check=True
    ).stdout.strip()
    tests = [interpreter, "-m", "pytest", "-q", "--color=no", "-p", "no:cacheprovider", "tests/test_appflow"]
    for mode, environment in (("in process", {}), ("server", {"TEST_SERVER_MODE": "true"})):
        with _moto_server(interpreter, tree) as endpoint:
            run = f"{tree.name}, {version}, {mode}"
            click.echo(run)
            variables = {**os.environ, **environment, "TEST_SERVER_MODE_ENDPOINT": endpoint}
            if subprocess.run(tests, cwd=tree, env=variables, check=False).returncode:
                yield run


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=Path("moto-appflow.patch"), help="file for the patch")
    parser.add_argument(
        "--moto", action="append", help="a version of moto; default: the pinned and the newest one"
    )
    parser.add_argument(
        "--python",
        action="append",
        help=f"an interpreter; default: this one, and {OLDEST_PYTHON} if installed",
    )
    return parser.parse_args()


def _releases(versions: Sequence[str] | None, work: Path) -> list[Path]:
    """Download source distributions of moto; without versions, the pinned and the newest one."""
    requirements = [f"moto=={version}" for version in versions or [_pinned()]] + (
        [] if versions else ["moto"]
    )
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary=moto"]
    for requirement in requirements:
        _run([*pip, "--dest", str(work / "releases"), requirement], work)
    return sorted((work / "releases").glob("moto-*.tar.gz"))


def _pinned() -> str:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
        "optional-dependencies"
    ]
    return next(found[1] for entry in extras["local"] if (found := re.match(r"moto.*==(.+)", entry)))


def _pythons() -> list[str]:
    """Return this interpreter, and the oldest one that moto supports if it is installed."""
    found = (
        subprocess.run([OLDEST_PYTHON, "--version"], capture_output=True, check=False)
        if shutil.which(OLDEST_PYTHON)
        else None
    )
    if found is None or found.returncode:
        click.echo(f"{OLDEST_PYTHON} is not installed: not tested with it")
        return [sys.executable]
    return [sys.executable, OLDEST_PYTHON]


def _unpacked(release: Path, folder: Path) -> Path:
    with tarfile.open(release) as archive:
        archive.extractall(folder, filter="data")
    (tree,) = folder.iterdir()
    return tree


def _installed(tree: Path, python: str) -> str:
    """Return the interpreter of a virtual environment in which this tree is installed."""
    folder = Path(tempfile.mkdtemp(prefix="venv-", dir=tree.parent))
    _run([python, "-m", "venv", str(folder)], tree)
    interpreter = str(folder / "bin/python")
    _run([interpreter, "-m", "pip", "install", "--quiet", f".[{EXTRAS}]", "pytest"], tree)
    _run(
        [interpreter, "-m", "pip", "uninstall", "--quiet", "--yes", "moto"], tree
    )  # the tree itself is imported
    return interpreter


@contextmanager
def _moto_server(interpreter: str, tree: Path) -> Iterator[str]:
    """Run moto's server on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [interpreter, "-m", "moto.server", "-p", str(port)], cwd=tree, stderr=subprocess.DEVNULL
    )
    endpoint = f"http://localhost:{port}"
    try:
        _await(port)
        yield endpoint
    finally:
        server.terminate()
        server.wait()


def _await(port: int) -> None:
    """Wait until the server listens. Raises TimeoutError."""
    for _ in range(START_SECONDS * 10):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError(f"moto's server does not listen on port {port}")


def _run(command: Sequence[str], folder: Path) -> None:
    subprocess.run(command, cwd=folder, check=True)


if __name__ == "__main__":
    sys.exit(main())
