"""No text that staff may edit can reach Python: nothing of ours runs a text as code."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RUNS_TEXT = frozenset({"eval", "exec", "compile", "__import__", "execfile"})
READS_CODE = frozenset(
    {
        "yaml.load", "yaml.full_load", "yaml.unsafe_load", "pickle.load", "pickle.loads", "marshal.load",
        "marshal.loads",
        "shelve.open", "os.system", "os.popen", "code.interact", "runpy.run_path", "builtins.eval", "builtins.exec",
    }
)  # fmt: skip
PACKAGES = ("deskhand", "actions", "llm_server", "rasa_components")


def found_in(source: str) -> Iterator[tuple[int, str]]:
    """Line and name of every call that runs a text, and of every template that may."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            if name in RUNS_TEXT | READS_CODE or name.endswith("torch.load"):
                yield node.lineno, name
            if any(each.arg == "shell" and not _is_false(each.value) for each in node.keywords):
                yield node.lineno, f"{name}(shell=...)"


def _is_false(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is False


@pytest.mark.parametrize("package", PACKAGES)
def test_nothing_of_ours_runs_a_text_as_code(package: str) -> None:
    files = sorted((ROOT / package).rglob("*.py"))

    found = [f"{file}:{line}: {name}" for file in files for line, name in found_in(file.read_text("utf-8"))]

    assert files
    assert found == []


@pytest.mark.parametrize(
    "text", ["eval(x)", "exec(x)", "compile(x, '', 'eval')", "yaml.load(x)", "__import__(x)", "run(x, shell=True)"]
)
def test_what_runs_a_text_would_be_seen(text: str) -> None:
    assert list(found_in(f"def f(x):\n    return {text}\n"))


def test_what_only_looks_like_it_is_not() -> None:
    assert list(found_in("re.compile(x)\nyaml.safe_load(x)\nrun(x, shell=False)\nast.literal_eval(x)\n")) == []


def test_the_engine_reads_files_with_one_parser_that_opens_nothing_else() -> None:
    for file in (ROOT / "deskhand" / "engine").glob("*.py"):
        if file.name != "xmlfile.py":
            assert "etree.XMLParser" not in file.read_text("utf-8") and "etree.parse" not in file.read_text("utf-8")
