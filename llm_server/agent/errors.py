"""What can go wrong with an agent; each message says what to do.

AgentError
├── NoSuchModel        nothing is called that, here or on the server
├── ServerUnreachable  nobody answers at the address
├── WrongKey           the server wants another key
├── AgentBusy          the server has too much to do
├── AgentTimeout       no answer in time
├── ServerFailed       the server or its model broke down
├── RequestRefused     the server can't do what was asked
├── InputTooLong       input and answer don't fit into the model's context
├── AnswerCutOff       the answer was longer than it might be
├── AnswerInvalid      the answer isn't of the type
├── BadExamples        examples that nothing can be learnt from
├── CannotTrain        the model is elsewhere
├── TrainingFailed     the training stopped; says why
└── AgentClosed        the agent was closed
"""

from __future__ import annotations

from llm_server.errors import LlmError


class AgentError(LlmError):
    """The agent can't do it."""


class NoSuchModel(AgentError):
    """Nothing is called that, here or on the server."""


class ServerUnreachable(AgentError):
    """Nobody answers at the address."""


class WrongKey(AgentError):
    """The server wants another key."""


class AgentBusy(AgentError):
    """The server has too much to do."""


class AgentTimeout(AgentError):
    """No answer in time."""


class ServerFailed(AgentError):
    """The server or its model broke down."""


class RequestRefused(AgentError):
    """The server can't do what was asked."""


class InputTooLong(AgentError):
    """Input and answer don't fit into the model's context."""


class AnswerCutOff(AgentError):
    """The answer was longer than it might be. `text`: what there is of it."""

    def __init__(self, text: str, tokens: int) -> None:
        super().__init__(
            f"The answer was cut off after {tokens} tokens. Give a larger max_tokens, or shorter fields in the type."
        )
        self.text = text


class AnswerInvalid(AgentError):
    """The answer isn't of the type. `text`: the answer."""

    def __init__(self, text: str, why: str) -> None:
        super().__init__(
            f"The answer doesn't fit its type: {why}. The model said: {text[:200]!r}. Train it, or ask anew."
        )
        self.text = text


class BadExamples(AgentError):
    """Examples that nothing can be learnt from."""


class CannotTrain(AgentError):
    """The model is elsewhere."""


class TrainingFailed(AgentError):
    """The training stopped; says why."""


class AgentClosed(AgentError):
    """The agent was closed."""
