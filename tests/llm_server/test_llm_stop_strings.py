"""Stop strings: whatever way a text is cut into pieces, the same comes out."""

from hypothesis import given
from hypothesis import strategies as st

from llm_server.engines.stop_strings import StopScanner


def scanned(pieces: list[str], stops: tuple[str, ...]) -> tuple[str, bool]:
    scanner = StopScanner(stops)
    text = "".join(scanner.feed(piece) for piece in pieces)
    return text + scanner.flush(), scanner.stopped


def test_without_stops_nothing_is_held_back():
    assert StopScanner(()).feed("abc") == "abc"


def test_what_may_begin_a_stop_waits_for_the_next_piece():
    scanner = StopScanner(("END",))

    assert [scanner.feed("text E"), scanner.feed("N"), scanner.feed("Dless")] == ["text ", "", ""]
    assert scanner.stopped


def test_what_only_looked_like_a_stop_is_let_through():
    assert scanned(["E", "N", "X"], ("END",)) == ("ENX", False)
    assert scanned(["E", "N"], ("END",)) == ("EN", False)


def test_the_first_of_several_stops_wins():
    assert scanned(["one two three"], ("three", "two")) == ("one ", True)


@given(st.lists(st.text("ab", max_size=4), max_size=8), st.lists(st.text("ab", min_size=1, max_size=4), max_size=3))
def test_pieces_never_matter(pieces, stops):
    text = "".join(pieces)
    ends = [text.find(stop) for stop in stops if stop in text]

    # A stop that is complete earlier may end the text before another that begins further left.
    got, stopped = scanned(pieces, tuple(stops))

    assert stopped == bool(ends)
    assert text.startswith(got)
    if len(stops) <= 1:
        assert got == (text[: ends[0]] if ends else text)
    if not stopped:
        assert got == text
