"""`deskhand vulnerabilities` never takes silence for health."""

from __future__ import annotations

from deskhand.cli.vulnerabilities import NOT_CHECKED, _rows


def test_a_package_that_could_not_be_checked_is_said_to_be() -> None:
    rows = _rows("dialogue", {"name": "rasa", "skip_reason": "not found"})

    assert [(row["package"], row["id"]) for row in rows] == [("rasa", NOT_CHECKED)]


def test_each_vulnerability_is_a_row_with_the_version_that_mends_it() -> None:
    found = [{"id": "PYSEC-1", "fix_versions": ["2.0", "2.1"]}, {"id": "PYSEC-2", "fix_versions": []}]

    rows = _rows("dev", {"name": "x", "version": "1.0", "vulns": found})

    assert [(row["id"], row["fixed_in"]) for row in rows] == [("PYSEC-1", "2.0, 2.1"), ("PYSEC-2", "")]
