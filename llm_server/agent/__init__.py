"""A language model as an object: asked, answering in a type or with a label, trained, put into the registry.

    from llm_server.agent import Agent

    with Agent.load("smollm2-135m-instruct") as agent:      # or a folder, a name in the registry, a URL
        agent.infer("Say thank you for an order.")          # -> str
        agent.choosing("order", "complaint").infer("Where are my bolts?")
        agent.returning(bool).infer("Is 7 larger than 5?")  # or a dataclass, a pydantic model, list[int], ...

A model of this machine runs in a process of its own, behind the same API as one that is elsewhere: what holds for one
holds for the other. Knows nothing of orders.
"""

from llm_server.agent.agent import Agent
from llm_server.agent.errors import (
    AgentBusy,
    AgentClosed,
    AgentError,
    AgentTimeout,
    AnswerCutOff,
    AnswerInvalid,
    BadExamples,
    CannotTrain,
    InputTooLong,
    NoSuchModel,
    RequestRefused,
    ServerFailed,
    ServerUnreachable,
    TrainingFailed,
    WrongKey,
)
from llm_server.agent.learning import Trained

__all__ = [
    "Agent",
    "AgentBusy",
    "AgentClosed",
    "AgentError",
    "AgentTimeout",
    "AnswerCutOff",
    "AnswerInvalid",
    "BadExamples",
    "CannotTrain",
    "InputTooLong",
    "NoSuchModel",
    "RequestRefused",
    "ServerFailed",
    "ServerUnreachable",
    "Trained",
    "TrainingFailed",
    "WrongKey",
]
