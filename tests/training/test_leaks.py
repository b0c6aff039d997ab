"""What is examined was not learnt."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from llm_server.data.leaks import leaks, runs_of
from llm_server.data.records import Kind, Record
from llm_server.data.splitting import oversampled, part_of

SENTENCE = "The machine must be cleaned every week with a dry cloth, and its filter be changed each month. "
OTHER = "Returns are taken within thirty days; the customer sends a photograph, and the desk answers by letter. "


def text(said: str, language: str = "en") -> Record:
    return Record(Kind.TEXT, said, language=language, origin=said[:9])


def test_a_text_that_stands_within_a_longer_one_has_leaked() -> None:
    (leak,) = leaks([("test", text(SENTENCE)), ("dev", text(OTHER))], [text(f"Before. {SENTENCE} After.")], 0.8)

    assert (leak.part, leak.shared) == ("test", 1.0)


def test_case_blanks_and_signs_make_no_difference() -> None:
    changed = SENTENCE.upper().replace(" ", "  ").replace(",", " -")

    assert list(leaks([("test", text(SENTENCE))], [text(changed)], 0.9))


def test_other_words_are_no_leak_in_either_language() -> None:
    assert not list(leaks([("test", text(SENTENCE))], [text(OTHER)], 0.2))
    said, other = "本机每周须用干布清洁一次，滤网每月更换。", "退货须在收货后三十天内提出，并附上照片。"
    assert not list(leaks([("test", text(said, "zh"))], [text(other, "zh")], 0.2))
    assert list(leaks([("test", text(said, "zh"))], [text(f"注意：{said}", "zh")], 0.9))


def test_a_sample_of_a_large_corpus_finds_what_all_of_it_would() -> None:
    long = " ".join(f"{SENTENCE}{number}" for number in range(200))

    (leak,) = leaks([("test", text(long))], [text(long + OTHER)], 0.8, estimate=80_000_000)

    assert leak.shared == 1.0


@given(st.text(max_size=60), st.text(max_size=20), st.text(max_size=20))
def test_runs_of_a_part_are_runs_of_the_whole(said: str, before: str, after: str) -> None:
    part, whole = runs_of(said, "en"), runs_of(before + said + after, "en")

    if len(part) > 1:
        assert set(part.tolist()) <= set(whole.tolist())


@given(st.text(max_size=20), st.integers(0, 99))
def test_a_group_has_one_part_and_always_the_same(group: str, seed: int) -> None:
    assert part_of(group, (0.8, 0.1, 0.1), seed) == part_of(group, (0.8, 0.1, 0.1), seed)
    assert part_of(group, (1.0, 0.0, 0.0), seed) == "train"


def test_the_shares_are_about_as_asked() -> None:
    parts = [part_of(f"g{number}", (0.8, 0.1, 0.1), 1) for number in range(5000)]

    assert 0.78 < parts.count("train") / 5000 < 0.82 and 0.08 < parts.count("dev") / 5000 < 0.12


def test_rare_labels_are_repeated_up_to_ten_times() -> None:
    records = [Record(Kind.LABEL, f"t{n}", label="a") for n in range(100)]
    records += [Record(Kind.LABEL, "b1", label="b"), *(Record(Kind.LABEL, f"c{n}", label="c") for n in range(50))]

    made = [record.label for record in oversampled(records, "label", 1)]

    assert (made.count("a"), made.count("b"), made.count("c")) == (100, 10, 100)
