"""Files that lie here are read by libyaml: the same values as by Python's own reader, and nothing but values."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from deskhand.yaml_files import yaml_in

ROOT = Path(__file__).parents[1]
SHIPPED = sorted(file for folder in ("deskhand", "processes", "tenants") for file in (ROOT / folder).rglob("*.yml"))


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: str(file.relative_to(ROOT)))
def test_a_shipped_file_holds_the_same_whoever_reads_it(file: Path) -> None:
    assert yaml_in(file) == yaml.safe_load(file.read_text(encoding="utf-8"))


def test_an_empty_file_holds_nothing_and_a_broken_one_or_a_python_object_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "words.yml"
    file.write_text("")
    assert yaml_in(file) is None
    for text in ("a: [}", "a: b: c", "a: !!python/object/apply:os.getcwd []"):
        file.write_text(text)
        with pytest.raises(yaml.YAMLError, match="line 1"):
            yaml_in(file)
