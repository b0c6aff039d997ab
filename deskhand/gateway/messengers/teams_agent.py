"""What happens when Teams reports something: the SDK's handler. Requests have been verified when they get here.

Messages are stored and answered by the worker; a pressed button is answered with the card as it then is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from microsoft_agents.activity import (
    Activity,
    AdaptiveCardInvokeResponse,
    AdaptiveCardInvokeValue,
    Attachment,
    TurnContextProtocol,
)
from microsoft_agents.hosting.core import ActivityHandler

from deskhand.channels.errors import BotUnavailable
from deskhand.channels.messengers import adaptive_cards
from deskhand.channels.messengers.adaptive_cards import CHOICE_INPUT, DAY_INPUT, PRESS, REASON_INPUT, REFRESH, SAY
from deskhand.channels.messengers.face import Face, face_of_card, face_of_message
from deskhand.channels.messengers.standing import standing_now
from deskhand.channels.sentences import sentence
from deskhand.gateway.messengers.files import Files
from deskhand.gateway.messengers.links import link_address
from deskhand.gateway.messengers.people import Person
from deskhand.gateway.messengers.reception import Press, Reception, digest, refusal_said
from deskhand.gateway.messengers.teams_files import sent_in_teams
from deskhand.orders.errors import CardUnknown, DeskhandError
from deskhand.orders.tenant import TEAMS
from deskhand.store import Desk, MessengerAccount

if TYPE_CHECKING:
    from deskhand.channels.messengers.settings import TeamsCredentials
    from deskhand.gateway.door import Door

ANSWER_SECONDS = 8.0  # Teams waits for fifteen
PERSONAL = "personal"
_SAID = "application/vnd.microsoft.activity.message"
_KEPT = ("conversation", "user", "agent", "channel_id", "service_url", "locale")

Json = Mapping[str, Any]


class TeamsAgent(ActivityHandler):
    """One for the gateway."""

    def __init__(self, at: Door, credentials: TeamsCredentials) -> None:
        self._at = at
        self._credentials = credentials
        self._reception = Reception(at)
        self._files = Files(at, self._reception)

    async def on_message_activity(self, turn_context: TurnContextProtocol[Any]) -> None:
        """A text; or the data of a button, from a client that knows Action.Submit alone."""
        activity = turn_context.activity
        person, place = await self._person(activity), place_of(activity)
        if person is None:
            return
        if person.user is None:
            return await self._offer_link(turn_context, person, place)
        try:
            await self._heard(person, activity, place)
        except DeskhandError as refused:
            await turn_context.send_activity(refusal_said(refused, person.language))

    async def on_adaptive_card_invoke(
        self, turn_context: TurnContextProtocol[Any], invoke_value: AdaptiveCardInvokeValue
    ) -> AdaptiveCardInvokeResponse:
        """What is returned takes the card's place, or is shown to the person alone."""
        activity = turn_context.activity
        person, place = await self._person(activity), place_of(activity)
        if person is None or person.user is None:
            return _say(sentence("messenger_link_privately", person.language if person else "en"))
        data = invoke_value.action.data if isinstance(invoke_value.action.data, dict) else {}
        try:
            return await self._invoked(person, str(invoke_value.action.verb), data, _id(activity), place)
        except DeskhandError as refused:
            return _say(refusal_said(refused, person.language))

    async def _heard(self, person: Person, activity: Activity, place: Json) -> None:
        if isinstance(activity.value, dict) and activity.value.get("verb"):
            await self._pressed(person, str(activity.value["verb"]), activity.value, _id(activity), place)
            return
        attached = [each for each in activity.attachments or () if each.content_type != "text/html"]
        if files := sent_in_teams(self._credentials, attached):
            return await self._files.take(person, _id(activity), files, place)
        if attached and not (activity.text or "").strip():
            raise _NoFiles()
        text = activity.remove_recipient_mention() or activity.text or ""
        await self._reception.say(person, _id(activity), text.strip(), place)

    async def _invoked(
        self, person: Person, verb: str, data: Json, identifier: str, place: Json
    ) -> AdaptiveCardInvokeResponse:
        subject = str(data.get("subject") or "")
        if verb != REFRESH:
            await self._pressed(person, verb, data, identifier, place, wait=True)
        if verb == SAY or not subject:
            return _say(sentence("messenger_working", person.language))
        face = await self._at.threads.run(face_about, self._at.desk, person, subject, data if verb == PRESS else None)
        return _card(face) if face is not None else _say(sentence("messenger_working", person.language))

    async def _pressed(
        self, person: Person, verb: str, data: Json, identifier: str, place: Json, wait: bool = False
    ) -> None:
        if verb == SAY:
            text = str(data.get("text") or data.get(DAY_INPUT) or "")
            await self._reception.say(person, identifier, text, place)
            return
        action = str(data.get("action") or data.get(CHOICE_INPUT) or "")
        press = Press(str(data.get("subject") or ""), action, str(data.get(REASON_INPUT) or "") or None)
        received = await self._reception.press(person, identifier, press, place)
        if wait and received is not None:
            try:
                await asyncio.wait_for(asyncio.shield(self._reception.answered(person, received)), ANSWER_SECONDS)
            except (TimeoutError, BotUnavailable):
                return  # it is answered later, and shown then

    async def _offer_link(self, context: TurnContextProtocol[Any], person: Person, place: Json) -> None:
        """To the person alone: in a group they are told where to ask for it."""
        if place.get("conversation", {}).get("conversationType", PERSONAL) != PERSONAL:
            await context.send_activity(sentence("messenger_link_privately", person.language))
            return
        name = context.activity.from_property.name if context.activity.from_property else None
        address = link_address(self._at, person, name or person.account.person, place)
        face = Face(person.language, text=sentence("messenger_link_first", person.language))
        card = adaptive_cards.card(face)
        open_it = {
            "type": "Action.OpenUrl",
            "title": sentence("messenger_link_button", person.language),
            "url": address,
        }
        attachment = Attachment(content_type=adaptive_cards.CONTENT_TYPE, content={**card, "actions": [open_it]})
        await context.send_activity(Activity(type="message", attachments=[attachment]))

    async def _person(self, activity: Activity) -> Person | None:
        conversation = activity.conversation
        team = (conversation.tenant_id if conversation is not None else None) or _tenant_of(activity.channel_data)
        user = activity.from_property.id if activity.from_property is not None else None
        if not team or not user:
            return None
        return await self._reception.person(MessengerAccount(TEAMS, str(team).lower(), str(user)))


class _NoFiles(DeskhandError):
    """What was attached is no file: a picture, a card."""

    code = "messenger_no_files"


def face_about(desk: Desk, person: Person, subject: str, pressed: Json | None) -> Face | None:
    """What is shown of it to this person now: the buttons of a card are its owner's alone.

    Args:
        pressed: what the person has just done to a notice; who else sees it is told by the worker.
    """
    with desk.unit_of_work(person.tenant.id, read_only=True) as uow:
        posts = uow.messengers.about(subject)
        own = [post for post in posts if post.user_id == person.known.id] or posts
        if not own:
            return None
        post = own[-1]
        if post.message_id is None:
            shown = dict(post.shown or {})
            if pressed is not None and not shown.get("outcome"):
                shown |= {"state": "used", "outcome": _outcome(shown, person, pressed, uow.now.isoformat())}
            return face_of_card(shown, person.tenant)
        message = uow.messages.get(post.message_id)
        if message is None:
            return None
        try:
            return face_of_message(standing_now(uow, message, person.known.id), person.tenant)
        except CardUnknown:
            return replace(face_of_message(message, person.tenant), buttons=(), says=(), asks=None)


def place_of(activity: Activity) -> dict[str, Any]:
    """The conversation, as it is continued later."""
    reference = activity.get_conversation_reference()
    kept = {name: getattr(reference, name) for name in _KEPT}
    slim = type(reference)(**{name: value for name, value in kept.items() if value is not None})
    return slim.model_dump(mode="json", by_alias=True, exclude_none=True)


def _outcome(shown: Json, person: Person, pressed: Json, at: str) -> dict[str, str]:
    labels = {each["id"]: each["label"] for each in shown.get("actions") or ()}
    action = str(pressed.get("action") or pressed.get(CHOICE_INPUT) or "")
    return {"text": labels.get(action, action), "by": person.known.name, "at": at}


def _card(face: Face) -> AdaptiveCardInvokeResponse:
    content = adaptive_cards.card(face)
    return AdaptiveCardInvokeResponse(status_code=200, type=adaptive_cards.CONTENT_TYPE, value=content)


def _say(text: str) -> AdaptiveCardInvokeResponse:
    return AdaptiveCardInvokeResponse(status_code=200, type=_SAID, value=text)


def _tenant_of(channel_data: object) -> str | None:
    tenant = channel_data.get("tenant") if isinstance(channel_data, dict) else None
    found = tenant.get("id") if isinstance(tenant, dict) else None
    return found if isinstance(found, str) else None


def _id(activity: Activity) -> str:
    """As our messages are called: the id that Teams gives a message is its own within the conversation."""
    conversation = activity.conversation.id if activity.conversation is not None else ""
    return f"teams:{digest(f'{conversation} {activity.id}')}"
