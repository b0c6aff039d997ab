"""The log: one line for each record, and nothing of people or keys in it."""

from __future__ import annotations

import ast
import io
import logging
import sys
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskhand.logs import masked, masked_line, one_line
from llm_server.log_format import OneLine as LlmOneLine
from tests.support.deskhand import ROOT
from tests.support.log import service_log

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjbGVyayJ9.c2lnbmF0dXJlLXNpZ25hdHVyZQ"
PERSONAL = {
    "mail to wang.wei+a@example.com.cn failed": "wang.wei",
    "<wang@mail.example.com>: 550 no such user": "wang",
    "电话13800138000，请回": "13800138000",
    "call 138-0013-8000 or": "0013",
    "call +86 138 0013 8000": "8000",
    "call +49 30 901820-0 now": "901820",
    "call (415) 555-0199": "0199",
    "座机 021-58881234": "58881234",
    f"Authorization: Bearer {JWT}": "eyJ",
    f"token {JWT} refused": "c2lnbmF0",
    "Bearer abcdef0123456789 given": "abcdef0123456789",
    "key dhk_demo.9f2c_7a1e9fK2mQ7xLr refused": "9fK2mQ7xLr",
    "postgresql://deskhand:s3cr3t-pw@db:5432/x is down": "s3cr3t-pw",
    "redis://:s3cr3t-pw@redis:6379/0": "s3cr3t-pw",
    "smtp://user:p@ss@word@mail.example.com:587": "p@ss",
    'login {"password": "hunter2 hunter2"} failed': "hunter2",
    "password=hunter2&next=/": "hunter2",
    "api_key: abc123def": "abc123def",
    "Cookie: deskhand_session=abc.def.ghi": "abc.def",
}
KEPT = (
    "turn 0198f3c2-7d1a-7b3e-9c1d-13800138000a: no answer (slow)",
    "listening on http://127.0.0.1:8000, loading the model",
    "2026-11-22 08:00:00,123 order SO-1001 is in status awaiting_shipment",
    "request 5f0c failed: POST /api/orders/SO-20261122-0001/confirm",
    "DESKHAND_TURN_SECRET is not set",
    "actions: turn refused: turn_token_expired",
    "paid 13800138.00 CNY, tracking SF1380013800012",
    "prompt_tokens=120 completion_tokens=33 tokens_per_s=41.2",
    "worker runs, health on 127.0.0.1:8081",
)


@pytest.mark.parametrize(("text", "told"), PERSONAL.items(), ids=list(PERSONAL))
def test_people_and_keys_are_masked(text: str, told: str) -> None:
    assert told in text and told not in masked(text)


@pytest.mark.parametrize("text", KEPT)
def test_what_an_operator_needs_is_kept(text: str) -> None:
    assert masked(text) == one_line(text) == text


@given(st.text())
def test_a_record_is_one_line_whatever_is_in_it(text: str) -> None:
    line = one_line(text)

    assert len(line.splitlines()) <= 1
    assert not any(ord(character) < 32 or 0x7F <= ord(character) < 0xA0 for character in line)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    with service_log() as stream:
        yield stream


def test_a_forged_record_stays_part_of_the_true_one(log: io.StringIO) -> None:
    logging.getLogger("x").warning("no order %s", "1\n2026-01-01 CRITICAL root: all is lost\x1b[31m\u2028\r")

    assert log.getvalue().count("\n") == 1
    assert r"1\n2026-01-01 CRITICAL" in log.getvalue() and "\x1b" not in log.getvalue()


def test_a_traceback_is_one_line_and_masked(log: io.StringIO) -> None:
    try:
        raise ValueError("no mailbox wang.wei@example.com\nCRITICAL root: forged")
    except ValueError:
        logging.getLogger("x").exception("failed")

    line = log.getvalue()
    assert line.count("\n") == 1 and " | Traceback " in line and "ValueError: no mailbox <e-mail>" in line


def test_what_ends_the_process_is_told_the_same_way(log: io.StringIO) -> None:
    error = RuntimeError("connecting to postgresql://u:s3cr3t@db failed")

    sys.excepthook(RuntimeError, error, None)
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)

    assert log.getvalue().count("\n") == 1
    assert "CRITICAL deskhand: ended by a fault" in log.getvalue() and "s3cr3t" not in log.getvalue()


HIDDEN = ("refused\n13800138000", "head\tBearer abcdef0123456789", "\nkey dhk_demo.9f2c_7a1e9fK2mQ7xLr", f"at\r{JWT}")


@pytest.mark.parametrize("text", HIDDEN)
def test_a_line_break_hides_nothing(text: str) -> None:
    line = masked_line(text)

    assert line == one_line(line)
    assert not any(told in line for told in ("0013", "abcdef", "9fK2mQ7xLr", "eyJ"))


@pytest.mark.parametrize("copy", ["llm_server/log_format.py", "rasa_components/start.py"])
def test_who_imports_nothing_of_ours_has_the_same_masks(copy: str) -> None:
    assert _masks_in(copy) == _masks_in("deskhand/logs.py")


def _masks_in(path: str) -> dict[str, str]:
    """What masks a line in this module, by name, as it is written."""
    found: dict[str, str] = {}
    for node in ast.parse((ROOT / path).read_text()).body:
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.FunctionDef):
            target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
            name = target.id if isinstance(target, ast.Name) else getattr(node, "name", "")
            if name in {"_MASKS", "_CONTROL", "masked", "one_line", "masked_line"}:
                found[name] = ast.unparse(node)
    assert len(found) == 5
    return found


def test_the_language_model_server_masks_by_itself() -> None:
    record = logging.LogRecord("x", logging.ERROR, "", 0, "bad\nBearer abcdef012345 of a@b.example", None, None)

    line = LlmOneLine("%(message)s").format(record)

    assert line == r"bad\nBearer *** of <e-mail>"
