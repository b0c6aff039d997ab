"""What a client asks for, checked: one shape for chat and plain completions. Knows nothing of HTTP or of the model."""

from dataclasses import dataclass

from llm_server.engines.engine import Grammar, Message, Sampling

Source = tuple[Message, ...] | str | tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TextRequest:
    """``sources`` are what is continued, one for each prompt: messages, a text, or tokens.

    ``max_tokens`` is None when the client leaves it to the server; ``top_logprobs`` when he wants none.
    """

    model: str
    sources: tuple[Source, ...]
    max_tokens: int | None
    sampling: Sampling
    choices: int = 1
    stop: tuple[str, ...] = ()
    stream: bool = False
    include_usage: bool = False
    top_logprobs: int | None = None
    grammar: Grammar | None = None
    ignore_end: bool = False
