"""The one door into Rasa: `POST /webhooks/desk/webhook`, for the gateway alone.

Whoever doesn't show the header that gateway and Rasa share gets 401, before anything is read. A message must carry the
turn token of the very conversation that it is for, and may name an intent (`/affirm`) only where the token says which
card was pressed or which file was sent in. The signature is the actions' business: Rasa has no key, so it can't sign.

Runs in Rasa's Python; imports Rasa and nothing of Deskhand.
"""

import hmac
import os
from typing import Any, Awaitable, Callable, Dict, Mapping, Optional, Text, Tuple

import jwt
import structlog
from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from rasa.shared.exceptions import RasaException
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, json

HEADER = "X-Deskhand-Rasa-Token"
VARIABLE = "DESKHAND_RASA_TOKEN"
SHORTEST = 32
OWN_WORDS = "own_words"  # as the actions call it
# What may name an intent, and what the token must say for it: the card that was pressed, the file that was sent in.
PAYLOADS = {"/affirm": "card", "/deny": "card", "/choose": "card", "/import_orders": "file"}

logger = structlog.get_logger()


class TokenUnset(RasaException):
    """Rasa does not start without the token that the gateway shows."""


class Refused(Exception):
    """What is said to whoever must not speak to Rasa."""


class DeskOutput(CollectingOutputChannel):
    """Says of each message which sentence of the domain it is, unless an action put a company's own words in."""

    async def send_response(self, recipient_id: Text, message: Dict[Text, Any]) -> None:
        name, own, before = message.get("utter_action"), message.pop(OWN_WORDS, False), len(self.messages)
        await super().send_response(recipient_id, message)
        if name and not own:
            for sent in self.messages[before:]:
                sent["response"] = name


class DeskInput(InputChannel):
    """Rasa's REST channel for one caller, without its streaming."""

    def __init__(self, tokens: Tuple[Text, ...]) -> None:
        self._tokens = [token.encode() for token in tokens]

    @classmethod
    def name(cls) -> Text:
        return "desk"

    @classmethod
    def from_credentials(cls, credentials: Optional[Dict[Text, Any]]) -> "DeskInput":
        return cls(tokens_of(os.environ))

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        desk = Blueprint("deskhand_desk", __name__)

        @desk.on_request
        async def only_the_gateway(request: Request) -> Optional[HTTPResponse]:
            return None if self.knows(request.headers.get(HEADER, "")) else refusal("header")

        @desk.get("/")
        async def alive(_: Request) -> HTTPResponse:
            return json({"status": "ok"})

        @desk.post("/webhook")
        async def receive(request: Request) -> HTTPResponse:
            try:
                message = message_of(request.json)
            except Refused as reason:
                return refusal(str(reason))
            await on_new_message(message)
            return json(message.output_channel.messages)

        return desk

    def knows(self, shown: Text) -> bool:
        """Takes the same time whatever is shown."""
        given = shown.encode("utf-8", "surrogateescape")
        return any([hmac.compare_digest(given, token) for token in self._tokens])


def message_of(body: Any) -> UserMessage:
    """The message for Rasa, when the body is one that the gateway makes.

    Raises:
        Refused: saying what is wrong, with nothing of the body in it.
    """
    if not isinstance(body, dict):
        raise Refused("body")
    sender, text, metadata = body.get("sender"), body.get("message"), body.get("metadata")
    if not isinstance(sender, str) or not isinstance(text, str) or not isinstance(metadata, dict):
        raise Refused("body")
    claims = claims_in(metadata.get("token"))
    conversation, _, number = sender.rpartition("-")
    if not conversation or claims.get("conversation") != conversation or not number.isdigit():
        raise Refused("conversation")
    if text.strip().startswith("/") and not claims.get(PAYLOADS.get(text, "")):
        raise Refused("payload")
    return UserMessage(text, DeskOutput(), sender, input_channel=DeskInput.name(), metadata=metadata)


def claims_in(token: Any) -> Mapping[Text, Any]:
    """What the token says, signed by whomever: the actions check that."""
    try:
        claims: Mapping[Text, Any] = jwt.decode(token, options={"verify_signature": False, "verify_aud": False})
    except (jwt.InvalidTokenError, TypeError, ValueError):
        raise Refused("token") from None
    return claims


def refusal(reason: Text) -> HTTPResponse:
    logger.warning("desk.refused", reason=reason)
    return json({"error": "rasa_token_refused"}, status=401)


def tokens_of(environ: Mapping[Text, Text]) -> Tuple[Text, ...]:
    """The shared secret, then those that it replaced. Where they stand in files, `start` has read them.

    Raises:
        TokenUnset.
    """
    current, former = environ.get(VARIABLE, ""), environ.get(VARIABLE + "_PREVIOUS", "").split(",")
    tokens = tuple(dict.fromkeys([current.strip(), *filter(None, map(str.strip, former))]))
    if any(len(token) < SHORTEST for token in tokens):
        raise TokenUnset("{} is not set, or shorter than {} characters".format(VARIABLE, SHORTEST))
    return tokens
