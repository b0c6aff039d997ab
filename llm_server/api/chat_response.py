"""A chat completion as OpenAI's clients read it: whole, or in chunks. Knows nothing of HTTP or of the model."""

from collections.abc import Sequence

from llm_server.api.growing import GrowingAnswer, GrowingChoice
from llm_server.api.openai_bodies import Body, chat_logprobs
from llm_server.engines.engine import DrawnToken, TextDelta


class ChatCompletion(GrowingAnswer):
    """The answer of the assistant."""

    prefix = "chatcmpl"
    kind = "chat.completion"
    chunk_kind = "chat.completion.chunk"

    def opening_chunks(self) -> list[Body]:
        """The chunks that say, for each choice, who speaks."""
        delta = {"role": "assistant", "content": ""}
        return [
            self.chunk_of({"index": index, "delta": delta, "logprobs": None, "finish_reason": None})
            for index in range(len(self.choices))
        ]

    def whole(self, index: int, choice: GrowingChoice) -> Body:
        """One complete choice."""
        message = {"role": "assistant", "content": choice.text, "refusal": None}
        return {
            "index": index,
            "message": message,
            "logprobs": self._logprobs(choice.tokens),
            "finish_reason": choice.reason,
        }

    def piece(self, delta: TextDelta, *, ended: bool) -> Body:
        """More of one choice; the last has nothing but the reason."""
        said = {} if ended else {"content": delta.text}
        return {"index": delta.choice, "delta": said, "logprobs": None if ended else self._logprobs(delta.tokens)}

    def _logprobs(self, tokens: Sequence[DrawnToken]) -> Body | None:
        return chat_logprobs(tokens) if self.with_logprobs else None
