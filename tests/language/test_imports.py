"""What is asked of an import: to begin, how it is done, how it goes, what it refused."""

from __future__ import annotations

import pytest

from deskhand.language.imports import ImportTalk, read_import_talk


@pytest.mark.parametrize(
    ("text", "talk"),
    [
        ("导入今天的订单", ImportTalk.BEGIN),
        ("import today's orders", ImportTalk.BEGIN),
        ("重新导入", ImportTalk.BEGIN),
        ("I fixed the rows, import them again", ImportTalk.BEGIN),
        ("把库存表导进来", ImportTalk.BEGIN),
        ("pull today's orders from the erp", ImportTalk.BEGIN),
        ("怎么导入", ImportTalk.HOW),
        ("how do i import my orders", ImportTalk.HOW),
        ("支持导入什么格式", ImportTalk.HOW),
        ("where can i import orders", ImportTalk.HOW),
        ("导入到哪了", ImportTalk.PROGRESS),
        ("订单导完了没有", ImportTalk.PROGRESS),
        ("how is the import going", ImportTalk.PROGRESS),
        ("did the import work", ImportTalk.PROGRESS),
        ("how many orders were imported", ImportTalk.PROGRESS),
        ("给我看被拒绝的行", ImportTalk.REFUSED),
        ("哪些行没导进去", ImportTalk.REFUSED),
        ("show me the refused rows", ImportTalk.REFUSED),
        ("which rows did not get in", ImportTalk.REFUSED),
        ("how many rows failed", ImportTalk.REFUSED),
    ],
)
def test_what_is_asked_of_an_import(text: str, talk: ImportTalk) -> None:
    assert read_import_talk(text) is talk
