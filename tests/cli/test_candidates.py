"""`deskhand candidates`: orders that may be one are listed, decided, and decided anew."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from deskhand.cli.main import main

ROW = "Order number,Customer name,SKU,Quantity,Unit price,Created at\n{},Globex,A,2,10.00,2026-11-18\n"


def deskhand(run: CliRunner, *arguments: str) -> Any:
    result = run.invoke(main, ["--format", "json", *arguments])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_two_orders_are_one_and_are_two_again(run: CliRunner, tmp_path: Path) -> None:
    for source, number in (("erp", "A-1"), ("sales", "B-7")):
        file = tmp_path / f"{source}.csv"
        file.write_text(ROW.format(number))
        deskhand(run, "import", str(file), "--source", source, "--yes")
    (one,) = deskhand(run, "candidates", "list")["items"]

    assert (one["first"]["number"], one["second"]["number"]) == ("A-1", "B-7")
    assert deskhand(run, "candidates", "same", one["id"])["state"] == "same"
    assert deskhand(run, "candidates", "list")["items"] == []
    refused = run.invoke(main, ["candidates", "apart", one["id"]])
    assert refused.exit_code == 1 and "candidate_gone" in refused.output
    assert deskhand(run, "candidates", "undo", one["id"])["state"] == "open"
    assert [each["id"] for each in deskhand(run, "candidates", "list")["items"]] == [one["id"]]
