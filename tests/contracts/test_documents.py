"""README, .env.example and the table of errors can't lie: they are compared with the code."""

from __future__ import annotations

import inspect
import re
import subprocess
from types import ModuleType

import pytest
import yaml

from deskhand.cases import errors as cases
from deskhand.orders import errors
from deskhand.robots import errors as robots
from tests.contracts.variables import variables_in_yaml, variables_read_by
from tests.support.deskhand import ROOT

QUIET = {"RASA_TELEMETRY_ENABLED"}  # set by the supervisor for everybody


def documented_variables() -> set[str]:
    return set(re.findall(r"^(?:# )?([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))


def test_every_variable_that_is_read_is_documented_and_no_other() -> None:
    read = set().union(*(variables_read_by(name) for name in ("deskhand", "actions", "llm_server"))) - QUIET
    asked_for = variables_in_yaml("docker-compose.yml", "endpoints.yml", "endpoints.compose.yml")

    assert documented_variables() - {"COMPOSE_PROFILES"} == read | asked_for


def test_the_readmes_tree_is_the_trees() -> None:
    block = (ROOT / "README.md").read_text().split("## What is where")[1].split("```")[1]
    tops = {name for line in block.splitlines() if line and line[0] != " " for name in line.split("  ")[0].split()}
    inner = {line.split()[0].rstrip("/") for line in block.splitlines() if line.startswith("  ")}

    assert all((ROOT / name).exists() for name in tops), tops
    assert inner == {path.parent.name for path in (ROOT / "deskhand").glob("*/__init__.py")}


def test_every_target_that_the_readme_names_is_in_the_makefile() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    assert set(re.findall(r"`?make ([a-z-]+)", (ROOT / "README.md").read_text())) <= targets


@pytest.mark.parametrize("module", [errors, cases, robots], ids=["orders", "cases", "robots"])
def test_the_drawn_tree_of_errors_is_the_real_one(module: ModuleType) -> None:
    drawn = dict(re.findall(r"[├└]── (\w+) +([a-z_]+)", module.__doc__ or ""))
    real = {
        name: kind.code
        for name, kind in inspect.getmembers(module, inspect.isclass)
        if issubclass(kind, errors.DeskhandError) and kind.__module__ == module.__name__ and not kind.__subclasses__()
    }

    assert real.items() <= drawn.items()


def test_every_refusal_has_its_sentence_in_both_languages() -> None:
    responses = yaml.safe_load((ROOT / "domain.yml").read_text())["responses"]
    for name, kind in [
        each for module in (errors, cases, robots) for each in inspect.getmembers(module, inspect.isclass)
    ]:
        if (
            issubclass(kind, errors.DeskhandError)
            and not kind.__subclasses__()
            and kind.code != "idempotency_key_reused"
        ):
            texts = [variation.get("text", "") for variation in responses[f"utter_{kind.code}"]]
            assert any(re.search("[\u4e00-\u9fff]", text) for text in texts), name
            assert any(not re.search("[\u4e00-\u9fff]", text) for text in texts), name


def test_nothing_of_this_machine_or_a_registry_is_committed() -> None:
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    machine = re.compile(r"/(?:root|work|home)/\w|pypi\.org|pythonhosted|registry\.npmjs|deb\.debian")

    for name in files:
        path = ROOT / name
        if path.suffix in {".png", ".pdf"} or name == "tests/contracts/test_documents.py":
            continue
        assert not machine.search(path.read_text(errors="replace")), name
