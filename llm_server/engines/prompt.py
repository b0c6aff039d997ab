"""Messages -> the text that the model was trained to continue. Pure but for the tokenizer's own template."""

from collections.abc import Iterable, Sequence

from llm_server.engines.engine import Message


def disarmed(text: str, control_tokens: Iterable[str]) -> str:
    """The text with a space inside whatever spells a control token, so that a message can't pose as another role.

    Splitting one can't make another: what is inserted is a space, and no control token has one.
    """
    for token in control_tokens:
        text = text.replace(token, f"{token[0]} {token[1:]}")
    return text


def template_messages(messages: Sequence[Message], control_tokens: Sequence[str]) -> list[dict[str, str]]:
    """The messages as a chat template takes them, disarmed."""
    return [{"role": message.role.value, "content": disarmed(message.content, control_tokens)} for message in messages]
