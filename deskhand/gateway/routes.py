"""Every address of the gateway in one table; the OpenAPI document is made of the same table."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from aiohttp import web

from deskhand.gateway import (
    audit_routes,
    chat_routes,
    delegation_routes,
    handover_routes,
    health,
    imports,
    key_routes,
    misunderstood_routes,
    notification_routes,
    oidc_routes,
    orders,
    password_routes,
    process_version_routes,
    report_routes,
    signin_routes,
)
from deskhand.gateway.api_keys import refuse_key_in_address, require_scope
from deskhand.gateway.case_table import case_routes
from deskhand.gateway.channels import require_channels
from deskhand.gateway.door import door
from deskhand.gateway.import_table import import_table
from deskhand.gateway.keys import REQUEST_ID, SESSION
from deskhand.gateway.messengers import links
from deskhand.gateway.messengers.mounting import from_slack, from_teams
from deskhand.gateway.odd_requests import refuse_odd
from deskhand.gateway.order_actions import ACTIONS, AMOUNT, CHANGE_SHIPMENT, PLACE_ORDER_SCHEMA, TEXT, OrderAction
from deskhand.gateway.pages import Pages
from deskhand.gateway.robot_routes import robot_table
from deskhand.gateway.route import Handler, Route, Schema
from deskhand.gateway.scopes import Scope
from deskhand.gateway.security import require_session
from deskhand.gateway.text_table import text_table
from deskhand.orders.report import Concern
from deskhand.orders.tenant import CHAT, HTTP

WHOLE: Schema = {"type": "integer", "minimum": 0}
FLAG: Schema = {"type": "string", "enum": ["0", "1"]}
CHAT_SCHEMA: Schema = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "id": {"type": "string", "pattern": "^[A-Za-z0-9_:.-]{1,64}$", "description": "Makes a repeat recognisable"},
        "text": {"type": "string", "maxLength": 4000},
        "card": {
            "type": "object",
            "additionalProperties": False,
            "required": ["id", "action"],
            "properties": {"id": {"type": "string"}, "action": {"type": "string"}},
        },
        "conversation": {"type": "string"},
    },
}
SESSION_SCHEMA: Schema = {
    "type": "object",
    "additionalProperties": False,
    "required": ["login", "password"],
    "properties": {"login": TEXT, "password": TEXT, "tenant": TEXT},
}
LINK_SCHEMA: Schema = {
    "type": "object",
    "additionalProperties": False,
    "required": ["token"],
    "properties": {"token": TEXT},
}
IMPORT_SCHEMA: Schema = {
    "type": "object",
    "additionalProperties": False,
    "required": ["number", "customer", "total"],
    "properties": {"number": TEXT, "customer": TEXT, "total": AMOUNT, "currency": {"type": "string"}},
}
ACK_SCHEMA: Schema = {
    "type": "object",
    "additionalProperties": False,
    "required": ["seq"],
    "properties": {"seq": WHOLE},
}
ONE_FILE: Schema = {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}}
IMPORT_QUERY = {
    **{name: TEXT for name in ("source", "currency", "start_status")},
    "sort": {"type": "string", "enum": ["created", "updated", "paid"]},
    "dry_run": FLAG,
    "automatic": FLAG,
}
LIST_QUERY = {
    **{name: TEXT for name in ("status", "cursor", "sort")},
    "limit": WHOLE,
    "concern": {"type": "string", "enum": [*map(str, Concern)], "description": "Late, due or owed, as of today"},
}
PAGE_QUERY = {"after": WHOLE, "limit": WHOLE}


def action_schema(action: OrderAction) -> Schema:
    """The body of one action on one order."""
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(action.required),
        "properties": dict(action.properties),
    }


def _order_routes() -> list[Route]:
    one = "/api/orders/{number}"
    create = Route(
        "POST", "/api/orders", orders.create_order, "Place an order", scope=Scope.ORDERS_WRITE,
        once=True, body=PLACE_ORDER_SCHEMA, success=201,
    )  # fmt: skip
    handlers = {name: orders.command_handler(action) for name, action in ACTIONS.items()}
    return [
        Route(
            "GET", "/api/orders", orders.list_orders, "Orders, newest first", scope=Scope.ORDERS_READ, query=LIST_QUERY
        ),
        create,
        Route(
            "POST", "/api/orders/import", imports.import_orders, "Import a file, or one JSON order",
            scope=Scope.ORDERS_IMPORT, once=True, body=IMPORT_SCHEMA, query=IMPORT_QUERY, form=ONE_FILE,
        ),
        Route("GET", one, orders.show_order, "One order", scope=Scope.ORDERS_READ),
        Route(
            "GET", "/api/report", report_routes.show_report, "How the orders stand, and what became of them",
            scope=Scope.ORDERS_READ, query=report_routes.QUERY,
        ),
        Route(
            "GET", one + "/history", orders.show_history, "Its history, with the hash chain", scope=Scope.ORDERS_READ
        ),
        *(
            Route(
                "POST", f"{one}/{name}", handlers[name], action.summary, scope=Scope.ORDERS_WRITE, once=True,
                body=action_schema(action),
            )
            for name, action in ACTIONS.items()
        ),
        Route(
            "PATCH", one + "/shipment", orders.command_handler(CHANGE_SHIPMENT), CHANGE_SHIPMENT.summary,
            scope=Scope.ORDERS_WRITE, once=True, body=action_schema(CHANGE_SHIPMENT),
        ),
    ]  # fmt: skip


def _talk_routes() -> list[Route]:
    conversation = "/api/conversations/{id}"
    return [
        Route(
            "POST", "/api/chat", chat_routes.say, "Say something to the bot", people=True, once=True,
            channels=(CHAT, HTTP), body=CHAT_SCHEMA,
        ),
        Route("GET", "/api/conversations", chat_routes.list_conversations, "One's own conversations", people=True),
        Route("GET", conversation, chat_routes.show_conversation, "Its messages", people=True, query=PAGE_QUERY),
        Route("DELETE", conversation, chat_routes.delete_conversation, "Delete it", people=True, success=204),
        Route(
            "GET", "/api/notifications", notification_routes.list_notifications, "The inbox",
            scope=Scope.NOTIFICATIONS_READ, query=PAGE_QUERY,
        ),
        Route(
            "POST", "/api/notifications", notification_routes.post_notification, "Tell a role, a user or a customer",
            scope=Scope.NOTIFICATIONS_WRITE, once=True, body=notification_routes.POST_SCHEMA, success=201,
        ),
        Route(
            "POST", "/api/notifications/acknowledge", notification_routes.acknowledge_notifications,
            "Acknowledge up to `seq`", scope=Scope.NOTIFICATIONS_READ, body=ACK_SCHEMA,
        ),
        Route(
            "GET", "/api/notifications/preferences", notification_routes.show_preferences, "How one is told",
            people=True,
        ),
        Route(
            "PUT", "/api/notifications/preferences", notification_routes.change_preferences,
            "Choose how one is told", people=True, body=notification_routes.PREFERENCES_SCHEMA,
        ),
    ]  # fmt: skip


def _session_routes() -> list[Route]:
    return [
        Route("POST", "/api/sessions", signin_routes.sign_in, "Sign in", public=True, body=SESSION_SCHEMA, success=201),
        Route(
            "DELETE", "/api/sessions", signin_routes.sign_out, "Sign out", people=True, counted=False, success=204
        ),
        Route("GET", "/api/session", signin_routes.show_session, "Who is signed in", people=True),
        Route("GET", "/api/sessions", signin_routes.list_sessions, "Where one is signed in", people=True),
        Route(
            "POST", "/api/sessions/renew", signin_routes.renew_session, "A new token for the same session", people=True
        ),
        Route(
            "DELETE", "/api/sessions/all", signin_routes.sign_out_everywhere, "Sign out everywhere", people=True,
            counted=False, success=204,
        ),
        Route(
            "POST", "/api/password", password_routes.change_password, "Change one's own password", people=True,
            body=password_routes.PASSWORD_SCHEMA, success=201,
        ),
        Route(
            "POST", "/api/sessions/link", signin_routes.sign_in_by_link, "Sign in by a link", public=True,
            body=LINK_SCHEMA, success=201,
        ),
        Route(
            "GET", "/api/signin/options", oidc_routes.options, "How one may sign in", public=True,
            query={"tenant": {"type": "string"}},
        ),
        Route("GET", "/api/demo/users", signin_routes.demo_users, "Sign-in links of the demo", public=True),
    ]  # fmt: skip


def _key_routes() -> list[Route]:
    """Only people make keys; a key with the scope may show and revoke them."""
    one = "/api/keys/{id}"
    return [
        Route("GET", "/api/keys", key_routes.list_keys, "API keys, without their text", scope=Scope.ADMIN_KEYS),
        Route(
            "POST", "/api/keys", key_routes.add_key, "Make a key; its text is in this answer alone", people=True,
            body=key_routes.KEY_SCHEMA, success=201,
        ),
        Route(
            "POST", f"{one}/rotate", key_routes.rotate, "A new key in place of an old one", people=True,
            body=key_routes.ROTATE_SCHEMA, success=201,
        ),
        Route("DELETE", one, key_routes.revoke, "Revoke a key", scope=Scope.ADMIN_KEYS, success=204),
    ]  # fmt: skip


def _delegation_routes() -> list[Route]:
    everything, schema = "/api/delegations", delegation_routes.DELEGATION_SCHEMA
    return [
        Route("GET", everything, delegation_routes.list_delegations, "Who acts for whom while away", people=True),
        Route(
            "POST", everything, delegation_routes.add_delegation, "Lend rights to a colleague for a time", people=True,
            body=schema, success=201,
        ),
        Route(
            "DELETE", everything + "/{id}", delegation_routes.remove_delegation, "End it at once", people=True,
            success=204,
        ),
    ]  # fmt: skip


def _handover_routes() -> list[Route]:
    everything, one = "/api/handovers", "/api/handovers/{id}"
    people: dict[str, Any] = {"people": True}
    acts: dict[str, Any] = {"people": True, "once": True, "body": handover_routes.NOTHING}
    return [
        Route(
            "GET", everything, handover_routes.list_handovers, "Conversations that want a person or have one",
            query=handover_routes.QUERY, **people,
        ),
        Route(
            "GET", one, handover_routes.show_handover, "One, with what was said", query=handover_routes.PAGE_QUERY,
            **people,
        ),
        Route("POST", one + "/claim", handover_routes.claim, "Answer in the bot's place from now on", **acts),
        Route(
            "POST", one + "/reply", handover_routes.reply, "Say something to who asked for a person",
            **acts | {"body": handover_routes.REPLY_SCHEMA},
        ),
        Route("POST", one + "/return", handover_routes.give_back, "Give it back to the bot", **acts),
        Route("POST", one + "/close", handover_routes.close, "Nothing more to do; the bot has it", **acts),
    ]  # fmt: skip


def _misunderstood_routes() -> list[Route]:
    everything = "/api/misunderstood"
    return [
        Route(
            "GET", everything, misunderstood_routes.list_misunderstood, "What was not understood, masked", people=True,
            query=misunderstood_routes.QUERY,
        ),
        Route(
            "POST", everything + "/{id}/label", misunderstood_routes.label_misunderstood, "Say what it means",
            people=True, body=misunderstood_routes.LABEL_SCHEMA,
        ),
    ]  # fmt: skip


def _process_version_routes() -> list[Route]:
    """People publish: two of them have to, and a program is one and the same however often it asks."""
    one, here = "/api/processes/{name}", process_version_routes
    changes: dict[str, Any] = {"people": True, "once": True}
    return [
        Route("GET", one + "/versions", here.list_versions, "Its versions, with the count of their cases", people=True),
        Route(
            "POST", one + "/versions", here.propose_version, "Propose a version; somebody else approves it",
            body=here.PROPOSE_SCHEMA, success=201, **changes,
        ),
        Route(
            "POST", one + "/versions/{version}/approve", here.approve_version, "Approve what somebody else proposed",
            body=here.NOTHING, **changes,
        ),
        Route(
            "POST", one + "/versions/{version}/withdraw", here.withdraw_version, "Take a proposal back",
            body=here.NOTHING, **changes,
        ),
        Route(
            "GET", one + "/diagram.svg", here.show_diagram, "The drawing, with the count of cases at each node",
            people=True, query=here.DIAGRAM_QUERY,
        ),
    ]  # fmt: skip


def _audit_routes() -> list[Route]:
    return [
        Route(
            "GET", "/api/audit", audit_routes.list_audit, "Refusals and administration, newest first", people=True,
            query=audit_routes.QUERY,
        ),
    ]  # fmt: skip


def _messenger_routes() -> list[Route]:
    """People link their own accounts; Slack and Teams themselves come in by the pages' table, signed by them."""
    one = "/api/messengers/{channel}"
    return [
        Route("GET", "/api/messengers", links.list_links, "One's accounts in Slack and Teams", people=True),
        Route(
            "POST", "/api/messengers", links.add_link, "Link an account, by the link it was given", people=True,
            body=links.LINK_SCHEMA, success=201,
        ),
        Route(
            "PATCH", one + "/notices", links.choose_notices, "When one is told there", people=True,
            body=links.NOTICES_SCHEMA,
        ),
        Route("DELETE", one, links.remove_link, "Unlink it", people=True, success=204),
    ]  # fmt: skip


def _page_routes(pages: Pages) -> list[Route]:
    page: dict[str, Any] = {"public": True, "page": True}
    oidc = oidc_routes.PATH
    return [
        Route("GET", "/", pages.sign_in_page, "Sign-in page", **page),
        Route("GET", oidc, oidc_routes.shown(oidc_routes.start), "Off to the company's provider", **page),
        Route("GET", oidc + "/callback/{tenant}", oidc_routes.shown(oidc_routes.finish), "Back from it", **page),
        Route("GET", oidc + "/signout", oidc_routes.shown(oidc_routes.leave), "Sign out there", **page),
        Route("GET", "/signin", signin_routes.open_link, "Sign in by a link", **page),
        Route("GET", "/desk", pages.desk_page, "The desk", **page),
        Route("POST", "/slack", from_slack, "Slack's events, buttons and commands", **page),
        Route("POST", "/teams", from_teams, "Teams' messages and buttons", **page),
        Route("GET", "/connect", pages.connect_page, "Link an account in Slack or Teams", **page),
        Route("GET", "/account", pages.account_page, "One's own account", **page),
        Route("GET", "/replies", pages.replies_page, "Replies made ahead of time", **page),
        Route("GET", "/static/{name}", pages.static_file, "Files of the pages", **page),
        Route("GET", "/widget/{name}", pages.widget_file, "The chat widget", **page),
    ]


def _health_routes() -> list[Route]:
    return [
        Route("GET", "/healthz", health.healthz, "Alive", public=True),
        Route("GET", "/readyz", health.readyz, "Able to work", public=True),
        Route("GET", "/metrics", health.metrics, "Prometheus", public=True, page=True),
    ]


def all_routes(pages: Pages, openapi: Handler) -> list[Route]:
    """In the order in which they are matched."""
    described = Route("GET", "/api/openapi.json", openapi, "This document", public=True)
    return [
        *_session_routes(),
        *_talk_routes(),
        *(
            replace(route, channels=(HTTP,))
            for route in (*_order_routes(), *text_table(), *import_table(), *case_routes(), *robot_table())
        ),
        *_key_routes(),
        *_audit_routes(),
        *_process_version_routes(),
        *_misunderstood_routes(),
        *_delegation_routes(),
        *_handover_routes(),
        *_messenger_routes(),
        described,
        *_health_routes(),
        *_page_routes(pages),
    ]


def guarded(route: Route) -> Handler:
    """The handler behind the sign-in, and for a key the scope, that its route asks for."""

    async def handle(request: web.Request) -> web.StreamResponse:
        refuse_odd(request)
        refuse_key_in_address(request)
        if not route.public:
            caller = request[SESSION] = await require_session(request)
            if route.counted or caller.scopes is not None:
                door(request).limits.api(caller)
            await require_scope(door(request), route, caller, request[REQUEST_ID])
            programs = (HTTP,) if caller.scopes is not None else ()
            require_channels(door(request).desk, caller.tenant, (*route.channels, *programs))
        return await route.handler(request)

    return handle
