"""A plain completion as OpenAI's clients read it: whole, or in chunks. Knows nothing of HTTP or of the model."""

from llm_server.api.growing import GrowingAnswer, GrowingChoice
from llm_server.api.openai_bodies import Body, completion_logprobs
from llm_server.engines.engine import TextDelta


class TextCompletion(GrowingAnswer):
    """The text that goes on from the prompt."""

    prefix = "cmpl"
    kind = "text_completion"
    chunk_kind = "text_completion"

    def whole(self, index: int, choice: GrowingChoice) -> Body:
        """One complete choice."""
        logprobs = completion_logprobs(choice.tokens, 0) if self.with_logprobs else None
        return {"index": index, "text": choice.text, "logprobs": logprobs, "finish_reason": choice.reason}

    def piece(self, delta: TextDelta, *, ended: bool) -> Body:
        """More of one choice."""
        logprobs = None
        if self.with_logprobs and not ended:
            logprobs = completion_logprobs(delta.tokens, len(self.choices[delta.choice].text))
        return {"index": delta.choice, "text": delta.text, "logprobs": logprobs}
