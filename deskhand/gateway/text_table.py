"""The addresses of texts and of replies made ahead of time, as the route table takes them up."""

from __future__ import annotations

from deskhand.gateway import reply_drafts, reply_routes, text_routes
from deskhand.gateway.route import Route
from deskhand.gateway.scopes import Scope


def text_table() -> list[Route]:
    """For people who may have texts drafted, and for keys with the scope; a person approves."""
    return [
        Route(
            "POST", "/api/texts", text_routes.write_text, "Have a text written from the facts, and checked",
            scope=Scope.ORDERS_WRITE, once=True, body=text_routes.BODY,
        ),
        Route(
            "POST", "/api/replies", reply_routes.reply, "Answer what a customer wrote, from an approved template",
            scope=Scope.ORDERS_WRITE, once=True, body=reply_routes.BODY,
        ),
        Route(
            "GET", "/api/reply-templates", reply_routes.list_templates, "Replies made ahead of time, by version",
            scope=Scope.ORDERS_READ,
        ),
        Route(
            "POST", "/api/reply-templates", reply_drafts.draft_template,
            "Have the model draft a reply, or give a wording of one's own", people=True, once=True,
            body=reply_drafts.BODY, success=reply_drafts.MADE,
        ),
        Route(
            "POST", "/api/reply-templates/{inquiry}/{language}/{version}/approve", reply_routes.approve_template,
            "Approve a version of a reply", people=True, once=True,
        ),
    ]  # fmt: skip
