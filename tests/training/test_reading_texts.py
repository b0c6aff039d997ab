"""What training data is made of is read as it lies there; what can't be read is said and never guessed."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import pytest

from llm_server.data.encodings import encoding_of
from llm_server.data.errors import BrokenFile, DataUnusable
from llm_server.data.mail import own_words
from llm_server.data.plan import SourceFiles
from llm_server.data.reading import Told, read
from llm_server.data.records import Kind, Record

CHINESE = "您好，您的订单已经发货，请注意查收。谢谢您的支持。" * 3


def records(path: Path, kind: Kind = Kind.TEXT, told: Told | None = None, **more: int) -> list[Record]:
    return list(read(SourceFiles(kind, path), told or Told(), **more))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_chinese_text_is_read_in_whatever_encoding_it_was_saved(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "letter.txt"
    path.write_text(CHINESE, encoding=encoding)

    (record,) = records(path)

    assert record.text == CHINESE


def test_western_text_is_not_taken_for_chinese(tmp_path: Path) -> None:
    path = tmp_path / "brief.txt"
    path.write_text("Grüße aus Köln, die Lieferung ist für Sie unterwegs. Schöne Grüße!", encoding="cp1252")

    assert encoding_of(path) != "gb18030" and "Köln" in records(path)[0].text


def test_a_long_text_comes_in_pieces_that_end_where_something_ends_and_stay_in_one_part(tmp_path: Path) -> None:
    path = tmp_path / "manual.txt"
    text = "\n\n".join(f"Paragraph {number} says something about the machine." for number in range(4000))
    path.write_text(text)

    found = records(path, piece=5000)

    assert "".join(record.text for record in found) == text
    assert all(len(record.text) <= 5000 and record.text.endswith("\n\n") for record in found[:-1])
    assert {record.group for record in found} == {"manual.txt"}


def test_of_a_letter_only_its_own_words_are_learnt() -> None:
    letter = "Dear Ms Li,\nthe goods have left.\n\nOn Mon, 2 Nov 2026 somebody wrote:\n> where are they?\n> please tell"

    assert own_words(letter) == "Dear Ms Li,\nthe goods have left."
    assert own_words("您好，货已发。\n发自我的iPhone\n") == "您好，货已发。"
    assert own_words("> where?\nIt has shipped.\n-- \nLi Na\nSales") == "It has shipped."


def test_letters_of_one_thread_belong_together(tmp_path: Path) -> None:
    for number, reply_to in enumerate(("", "<1@x>", "<1@x>"), 1):
        letter = EmailMessage()
        letter["Message-ID"] = f"<{number}@x>"
        letter["Subject"] = "Order"
        if reply_to:
            letter["References"] = f"{reply_to} <2@x>"
        letter.set_content(f"Words of letter {number}.")
        (tmp_path / f"{number}.eml").write_bytes(bytes(letter))

    assert {record.group for record in records(tmp_path)} == {"<1@x>"}


def test_a_page_is_read_without_its_scripts(tmp_path: Path) -> None:
    (tmp_path / "p.html").write_text("<head><title>x</title></head><script>evil()</script><p>Hello&amp;<b>you</b></p>")

    assert [record.text for record in records(tmp_path)] == ["Hello&you"]


def test_kinds_of_files_that_are_not_read_are_told(tmp_path: Path) -> None:
    (tmp_path / "weights.pkl").write_bytes(b"\x80\x04")
    (tmp_path / "a.txt").write_text("a text")
    told = Told()

    assert len(records(tmp_path, told=told)) == 1
    assert told.counts == {"a kind of file that isn't read": 1} and "weights.pkl" in told.examples[0]


def test_a_single_file_of_a_kind_that_is_not_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pairs.csv").write_text("prompt,text\n")

    with pytest.raises(DataUnusable, match=r"can't be read as pair: \.json, \.jsonl, \.ndjson are"):
        records(tmp_path / "pairs.csv", Kind.PAIR)


def test_some_broken_rows_are_told_by_line_and_the_others_are_used(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    path.write_text('{"prompt": "a", "text": "b"}\n' * 9 + '{"prompt": "a"}\n')
    told = Told()

    assert len(records(path, Kind.PAIR, told)) == 9
    assert told.examples == ["p.jsonl:10 (`text` is missing or no text; it has prompt): a row that can't be used"]


@pytest.mark.parametrize("row", ["no json", "[1, 2]", '{"prompt": 5, "text": "b"}', "[" * 100_000])
def test_a_file_that_is_mostly_broken_is_refused_with_the_first_place(tmp_path: Path, row: str) -> None:
    path = tmp_path / "p.jsonl"
    path.write_text('{"prompt": "a", "text": "b"}\n' + (row + "\n") * 5)

    with pytest.raises(BrokenFile, match=r"p\.jsonl: 5 of 6 rows can't be used, for example p\.jsonl:2"):
        records(path, Kind.PAIR)


def test_a_gigantic_line_is_left_out_without_being_held(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    good = '{"prompt": "a", "text": "b"}\n'
    path.write_text(good * 5 + '{"prompt": "' + "x" * 6_000_000 + '"}\n' + good)
    told = Told()

    assert len(records(path, Kind.PAIR, told)) == 6
    assert "longer than 5 million" in told.examples[0] and len(told.examples[0]) < 200


def test_labels_come_from_tables_and_values_of_facts_however_deep_are_kept(tmp_path: Path) -> None:
    (tmp_path / "l.csv").write_text('text,label\n"where, please?",status\n')
    (tmp_path / "l.jsonl").write_text('{"text": "t", "label": "x", "facts": {"a": ["SO-1", {"b": 2}], "c": true}}\n')

    table, row = records(tmp_path, Kind.LABEL)

    assert (table.text, table.label) == ("where, please?", "status")
    assert row.facts == ("SO-1", "2")
