"""One choice's tokens -> its text, its stop strings, its log probabilities. Knows nothing of models or HTTP."""

from tokenizers import Tokenizer
from tokenizers.decoders import DecodeStream
from tokenizers.pre_tokenizers import ByteLevel

from llm_server.engines.engine import Candidate, ChoiceFinished, DrawnToken, FinishReason, GenerationEvent, TextDelta
from llm_server.engines.stop_strings import StopScanner


def _bytes_of_characters() -> dict[str, int]:
    """How byte-level tokenizers write bytes: printable ones as they are, the others from U+0100 on."""
    shown = sorted(ByteLevel.alphabet())
    as_it_is = [char for char in shown if ord(char) < 256]
    others = iter(sorted(set(range(256)) - {ord(char) for char in as_it_is}))
    return {char: ord(char) if ord(char) < 256 else next(others) for char in shown}


_BYTES = _bytes_of_characters()


class Vocabulary:
    """The tokens of a model, by their texts and bytes."""

    def __init__(self, tokenizer: Tokenizer, ends: frozenset[int]) -> None:
        self.tokenizer = tokenizer
        self.ends = ends

    def candidate(self, token: int, logprob: float) -> Candidate:
        """A token as it is told."""
        raw = self._raw(token)
        return Candidate(raw.decode("utf-8", "replace"), raw, logprob)

    def _raw(self, token: int) -> bytes:
        piece = self.tokenizer.id_to_token(token) or ""
        if all(char in _BYTES for char in piece):
            return bytes(_BYTES[char] for char in piece)
        return self.tokenizer.decode([token], skip_special_tokens=False).encode()


class ChoiceText:
    """The text of one choice as its tokens come."""

    def __init__(self, index: int, limit: int, stop: tuple[str, ...], vocabulary: Vocabulary) -> None:
        self.index = index
        self.tokens = 0
        self.cached = 0  # tokens of the prompt that were in the prefix cache
        self.finished: FinishReason | None = None
        self._limit = limit
        self._vocabulary = vocabulary
        self._decoder = DecodeStream(skip_special_tokens=True)
        self._scanner = StopScanner(stop)
        self._told: list[DrawnToken] = []

    def feed(self, token: int, drawn: DrawnToken | None = None, *, ends: bool = True) -> list[GenerationEvent]:
        """What this token makes certain; half a character waits for its other half."""
        self.tokens += 1
        if drawn is not None:
            self._told.append(drawn)
        ended = ends and token in self._vocabulary.ends
        text = "" if ended else self._scanner.feed(self._decoder.step(self._vocabulary.tokenizer, token) or "")
        if ended or self._scanner.stopped:
            self.finished = FinishReason.STOP
        elif self.tokens >= self._limit:
            self.finished = FinishReason.LENGTH
        return self._events(text + self._scanner.flush() if self.finished else text)

    def _events(self, text: str) -> list[GenerationEvent]:
        events: list[GenerationEvent] = []
        if text or (self.finished and self._told):
            events.append(TextDelta(self.index, text, tuple(self._told), self.tokens))
            self._told = []
        if self.finished:
            events.append(ChoiceFinished(self.index, self.finished, self.tokens, None, self.cached))
        return events
