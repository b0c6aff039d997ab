"""What happens when Slack reports something: slack-bolt's listeners. Stored first, then acknowledged, then worked on.

Requests have been verified when they get here. Whatever takes longer than a look into the database comes after the
acknowledgement; what is said in answer goes out from the store, by the worker.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from typing import TYPE_CHECKING, Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.error import BoltError
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from deskhand.channels.messengers.block_kit import PICK, PICK_DAY, PRESS, REASON, SAY
from deskhand.channels.messengers.settings import SlackCredentials
from deskhand.channels.sentences import sentence
from deskhand.gateway.messengers.choices import PRODUCT, choices
from deskhand.gateway.messengers.files import Files
from deskhand.gateway.messengers.home import home_of
from deskhand.gateway.messengers.links import link_address
from deskhand.gateway.messengers.people import Person, company_of
from deskhand.gateway.messengers.reception import Press, Reception, digest, refusal_said
from deskhand.gateway.messengers.slack_files import sent_in_slack
from deskhand.gateway.messengers.slack_text import typed
from deskhand.gateway.messengers.slack_views import (
    INPUT,
    LINES,
    NEW_ORDER,
    ORDER_VIEW,
    REASON_VIEW,
    home_view,
    link_blocks,
    options,
    order_said,
    order_view,
    reason_view,
    unlinked_view,
    values_of,
)
from deskhand.orders.errors import DeskhandError
from deskhand.orders.status import Role
from deskhand.orders.tenant import SLACK
from deskhand.store import MessengerAccount

if TYPE_CHECKING:
    from deskhand.gateway.door import Door

Json = Mapping[str, Any]
Next = Callable[[], Awaitable[None]]

FINISH_SECONDS = 10.0
_SAID = frozenset({None, "file_share", "thread_broadcast"})  # other subtypes are edits, joins and the like
_log = logging.getLogger("deskhand.gateway")


class SlackListeners:
    """One for the gateway; every method is a listener or what listeners share."""

    def __init__(self, at: Door, credentials: SlackCredentials) -> None:
        self._at = at
        self._credentials = credentials
        self._reception = Reception(at)
        self._files = Files(at, self._reception)
        self._at_work: set[asyncio.Task[Any]] = set()

    async def finish(self) -> None:
        """The gateway stops: Slack has been told that these are dealt with, and will not send them again."""
        if self._at_work:
            await asyncio.wait(self._at_work, timeout=FINISH_SECONDS)

    def _kept(self, listener: Callable[..., Awaitable[object]]) -> Callable[..., Awaitable[object]]:
        """Bolt starts listeners as tasks that it holds nowhere: they are held here, until they are done."""

        @wraps(listener)  # bolt passes what a listener's parameters are called
        async def at_work(*args: Any, **given: Any) -> object:
            task = asyncio.current_task()
            assert task is not None
            self._at_work.add(task)
            try:
                return await listener(*args, **given)
            finally:
                self._at_work.discard(task)

        return at_work

    def app(self) -> AsyncApp:
        """The bolt application; its table of what is listened to stands here."""

        async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
            return AuthorizeResult(
                enterprise_id=enterprise_id, team_id=team_id, bot_token=self._token_in(team_id or "")
            )

        client = AsyncWebClient(base_url=self._credentials.api_url, timeout=10, trust_env_in_session=False)
        app = AsyncApp(
            logger=_log,
            client=client,
            authorize=authorize,
            request_verification_enabled=False,  # the route has looked, with our clock, and notes who was refused
            ignoring_self_events_enabled=False,  # what bots say is left out by us; bolt would have to know its own id
        )
        kept = self._kept
        for name in ("message", "app_mention"):
            app.event(name, middleware=[self.keep_message])(kept(self.answer_message))
        app.event("app_home_opened")(kept(self.open_home))
        app.event(re.compile(".*"))(self.ignore)
        for name in (PRESS, PICK, REASON, SAY):
            listener = self.ask_reason if name == REASON else self.say if name == SAY else self.press
            app.action(re.compile(f"^{name}" if name.endswith(":") else f"^{name}$"))(kept(listener))
        app.action(NEW_ORDER)(kept(self.new_order))
        app.options(INPUT)(kept(self.suggest))
        app.action(PICK_DAY)(kept(self.say))
        app.action(re.compile(".*"))(self.acknowledge)
        app.command(re.compile("^/"))(kept(self.order))
        app.view(REASON_VIEW)(kept(self.give_reason))
        app.view(ORDER_VIEW)(kept(self.send_order))
        return app

    def _token_in(self, team: str) -> str:
        """The app's token in the workspace of a company of ours."""
        tenant = company_of(self._at.desk, SLACK, team)
        token = self._credentials.token_of(tenant) if tenant is not None else None
        if token is None:
            raise BoltError("no company of ours uses this workspace")
        return token

    # --- messages

    async def keep_message(self, body: Json, event: Json, context: AsyncBoltContext, next: Next) -> None:
        """Stored before bolt acknowledges it; a repeat has the same event id and is not stored twice."""
        if event.get("bot_id") or event.get("subtype") not in _SAID or not event.get("user"):
            return await next()
        mention = event["type"] == "app_mention"
        if not mention and event.get("channel_type") != "im":
            return await next()
        person = await self._person(context, str(event["user"]))
        context["person"], context["place"] = person, _place_of(body, event, mention)
        if person is None or person.user is None or event.get("files"):
            return await next()
        try:
            text = typed(str(event.get("text") or ""), mention)
            await self._reception.say(person, _id(str(body["event_id"])), text, context["place"])
        except DeskhandError as refused:
            context["refused"] = refused
        return await next()

    async def answer_message(self, body: Json, event: Json, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        """What is said at once: who is not linked, what was refused. Everything else comes with the turn."""
        person: Person | None = context.get("person")
        if person is None:
            return
        place = context["place"]
        if person.user is None:
            if await self._reception.first(person.tenant.id, SLACK, str(body["event_id"])):
                await self._offer_link(client, person, place)
            return
        refused = context.get("refused")
        if event.get("files"):
            event_id = _id(str(body["event_id"]))
            files = sent_in_slack(self._credentials, person.tenant, event["files"])
            refused = await self._try(person, self._files.take, event_id, files, place)
        if refused is not None:
            await self._tell(client, person, place, refusal_said(refused, person.language))

    async def ignore(self) -> None:
        """Events that nobody has asked for; bolt has acknowledged them."""

    # --- buttons

    async def press(self, ack: AsyncAck, body: Json, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        action = body["actions"][0]
        person, place = await self._pressed_by(context, body)
        chosen = action.get("value") or (action.get("selected_option") or {}).get("value") or ""
        press = Press(str(action.get("block_id")), str(chosen))
        refused = await self._try(person, self._reception.press, _id(str(body.get("trigger_id"))), press, place)
        await ack()
        await self._after(client, person, place, refused, body)

    async def say(self, ack: AsyncAck, body: Json, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        """A button, or a day that was picked, that stands for words."""
        action = body["actions"][0]
        person, place = await self._pressed_by(context, body)
        text = str(action.get("value") or action.get("selected_date") or "")
        refused = await self._try(person, self._reception.say, _id(str(body.get("trigger_id"))), text, place)
        await ack()
        await self._after(client, person, place, refused, body)

    async def ask_reason(self, ack: AsyncAck, body: Json, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        """The form goes up at once: what opens it is good for three seconds."""
        action = body["actions"][0]
        person, place = await self._pressed_by(context, body)
        await ack()
        if person is None or person.user is None:
            return await self._after(client, person, place, None, body)
        kept = {"subject": str(action.get("block_id")), "action": str(action.get("value")), "channel": place["channel"]}
        await client.views_open(trigger_id=str(body["trigger_id"]), view=reason_view(person.language, kept))

    async def give_reason(self, ack: AsyncAck, body: Json, view: Json, context: AsyncBoltContext) -> object:
        """A refusal stands in the form itself, beside what was typed."""
        person = await self._person(context, str(body["user"]["id"]))
        if person is None or person.user is None:
            return await ack()
        kept, reason = json.loads(view.get("private_metadata") or "{}"), values_of(view).get("reason", "")
        if not reason:
            return await ack(response_action="errors", errors={"reason": sentence("messenger_reason", person.language)})
        press = Press(str(kept.get("subject")), str(kept.get("action")), reason)
        place = {"channel": kept.get("channel") or person.account.person}
        refused = await self._try(person, self._reception.press, _id(str(view["id"])), press, place)
        if refused is not None:
            said = refusal_said(refused, person.language)
            return await ack(response_action="errors", errors={"reason": said})
        return await ack()

    async def acknowledge(self, ack: AsyncAck) -> None:
        """Buttons that only open an address."""
        await ack()

    # --- /order

    async def order(self, ack: AsyncAck, body: Json, context: AsyncBoltContext, client: AsyncWebClient) -> object:
        """`/order 20 boxes of paper for Huaxing` is said to the bot; `/order` alone opens a form."""
        person = await self._person(context, str(body["user_id"]))
        if person is None:
            return await ack()
        place = {"channel": person.account.person}
        if person.user is None:
            return await ack(
                response_type="ephemeral", text=sentence("messenger_link_first", person.language),
                blocks=link_blocks(person.language, self._link(person, body.get("user_name"))),
            )  # fmt: skip
        text, trigger = typed(str(body.get("text") or "")), str(body["trigger_id"])
        if not text:
            await ack()
            await self._open_order(client, person, trigger, place)
            return None
        refused = await self._try(person, self._reception.say, _id(trigger), text, place)
        if refused is not None:
            return await ack(response_type="ephemeral", text=refusal_said(refused, person.language))
        return await ack()

    async def new_order(self, ack: AsyncAck, body: Json, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        """The same form, from the Home tab."""
        person, place = await self._pressed_by(context, body)
        await ack()
        if person is not None and person.user is not None:
            await self._open_order(client, person, str(body["trigger_id"]), place)

    async def _open_order(self, client: AsyncWebClient, person: Person, trigger: str, place: dict[str, Any]) -> None:
        view = order_view(person.language, person.known.role is not Role.CUSTOMER, place)
        await client.views_open(trigger_id=trigger, view=view)

    async def suggest(self, ack: AsyncAck, body: Json, context: AsyncBoltContext) -> object:
        """What goes with the letters typed so far."""
        person = await self._person(context, str(body["user"]["id"]))
        if person is None or person.user is None:
            return await ack(options=[])
        about, part = str(body.get("block_id")), str(body.get("value") or "").strip()
        found = await self._at.threads.run(choices, self._at.desk, person, about, part) if part else []
        return await ack(options=options(found))

    async def send_order(self, ack: AsyncAck, body: Json, view: Json, context: AsyncBoltContext) -> object:
        """The form is said as a sentence: the bot reads it back with prices and stock, and asks for the yes."""
        person = await self._person(context, str(body["user"]["id"]))
        if person is None or person.user is None:
            return await ack()
        values, place = values_of(view), json.loads(view.get("private_metadata") or "{}")
        if not (values.get(LINES) or values.get(PRODUCT)):
            return await ack(response_action="errors", errors={"lines": sentence("message_empty", person.language)})
        text = order_said(values, person.language)
        refused = await self._try(person, self._reception.say, _id(str(view["id"])), text, place)
        if refused is not None:
            return await ack(response_action="errors", errors={"lines": refusal_said(refused, person.language)})
        return await ack()

    # --- Home

    async def open_home(self, event: Json, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        person = await self._person(context, str(event.get("user")))
        if person is not None and event.get("tab", "home") == "home":
            await self._show_home(client, person)

    async def _show_home(self, client: AsyncWebClient, person: Person) -> None:
        if person.user is None:
            view = unlinked_view(person.language)
        else:
            view = home_view(person.language, *await self._at.threads.run(home_of, self._at.desk, person))
        await client.views_publish(user_id=person.account.person, view=view)

    # --- shared

    async def _person(self, context: AsyncBoltContext, user: str) -> Person | None:
        return await self._reception.person(MessengerAccount(SLACK, str(context.team_id or ""), user))

    async def _pressed_by(self, context: AsyncBoltContext, body: Json) -> tuple[Person | None, dict[str, Any]]:
        user = str(body["user"]["id"])
        message = body.get("message") or {}
        place = {"channel": (body.get("channel") or {}).get("id") or user, "thread": message.get("thread_ts")}
        return await self._person(context, user), place

    async def _try(
        self, person: Person | None, do: Callable[..., Awaitable[object]], *given: object
    ) -> DeskhandError | None:
        """The refusal, if it was one; nothing is done for who is not linked."""
        if person is None or person.user is None:
            return None
        try:
            await do(person, *given)
        except DeskhandError as refused:
            return refused
        return None

    async def _after(
        self,
        client: AsyncWebClient,
        person: Person | None,
        place: Json,
        refused: DeskhandError | None,
        body: Json,
    ) -> None:
        """What the person alone is told, and the Home tab as it is now."""
        if person is None:
            return
        if person.user is None:
            await self._offer_link(client, person, place)
        elif refused is not None:
            await self._tell(client, person, place, refusal_said(refused, person.language))
        if (body.get("container") or {}).get("type") == "view" and person.user is not None:
            await self._show_home(client, person)

    async def _offer_link(self, client: AsyncWebClient, person: Person, place: Json) -> None:
        blocks = link_blocks(person.language, self._link(person, None))
        await self._tell(client, person, place, sentence("messenger_link_first", person.language), blocks)

    def _link(self, person: Person, name: object) -> str:
        account = person.account.person
        return link_address(self._at, person, str(name or account), {"channel": account})

    async def _tell(
        self, client: AsyncWebClient, person: Person, place: Json, text: str, blocks: list[Any] | None = None
    ) -> None:
        """Seen by the person alone. That it fails, they notice; nothing else depends on it."""
        try:
            if str(place["channel"]) == person.account.person:
                await client.chat_postMessage(channel=person.account.person, text=text, blocks=blocks)
            else:
                await client.chat_postEphemeral(
                    channel=str(place["channel"]),
                    user=person.account.person,
                    thread_ts=place.get("thread"),
                    text=text,
                    blocks=blocks,
                )
        except SlackApiError as error:
            _log.warning("Slack would not show somebody a notice: %s", error.response.get("error"))


def _place_of(body: Json, event: Json, mention: bool) -> dict[str, Any]:
    """Where it is answered: in its thread; among strangers (a channel shared with another company) never."""
    if body.get("is_ext_shared_channel"):
        return {"channel": str(event["user"]), "thread": None}
    thread = event.get("thread_ts") or (event.get("ts") if mention else None)
    return {"channel": str(event["channel"]), "thread": thread}


def _id(name: str) -> str:
    """As our messages are called."""
    return f"slack:{digest(name)}"
