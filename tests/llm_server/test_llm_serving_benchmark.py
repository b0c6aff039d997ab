"""The benchmark of serving on a GPU: the same command, the same table."""

import json
import subprocess
import sys

import pytest

from tests.support.deskhand import ROOT


@pytest.mark.gpu
@pytest.mark.model
def test_serving_is_measured_on_a_gpu_by_the_same_command(model_folder, tmp_path):
    figures = tmp_path / "figures.json"

    subprocess.run(
        [sys.executable, "-m", "tests.benchmarks", "serving", "--json", str(figures)], cwd=ROOT, check=True, timeout=500
    )

    rows = {row["name"]: row["value"] for row in json.loads(figures.read_text())}
    for at_once in (1, 8, 16):
        assert rows[f"{at_once} at once: llm_server"] > 0
        assert rows[f"{at_once} at once: llm_server, first text"] > 0
