"""The addresses of cases and tasks; part of the table in `routes`."""

from __future__ import annotations

from typing import Any

from deskhand.gateway import case_papers as papers
from deskhand.gateway import case_routes as cases
from deskhand.gateway import task_routes as tasks
from deskhand.gateway.route import Route
from deskhand.gateway.scopes import Scope


def case_routes() -> list[Route]:
    """Cases of the processes beside orders, and what waits for the caller in either."""
    every, one = "/api/cases", "/api/cases/{number}"
    read: dict[str, Any] = {"scope": Scope.CASES_READ}
    write: dict[str, Any] = {"scope": Scope.CASES_WRITE, "once": True}
    return [
        Route("GET", "/api/processes", cases.list_processes, "What may be started, with its fields", **read),
        Route(
            "POST", "/api/processes/{name}/cases", cases.start_case, "Start a case",
            body=cases.START_SCHEMA, success=201, **write,
        ),
        Route("GET", every, cases.list_cases, "Cases, newest first", query=cases.LIST_QUERY, **read),
        Route("GET", one, cases.show_case, "One case: its fields, and where it waits", **read),
        Route("GET", one + "/history", cases.show_history, "Its history, with the rules that applied", **read),
        Route(
            "GET", one + "/documents/{name}.pdf", papers.show_paper, "The same as a paper to sign, where it is one",
            query=papers.QUERY, **read,
        ),
        Route(
            "GET", one + "/documents/{name}", cases.show_document, "A text that was written of it",
            query=cases.DOCUMENT_QUERY, **read,
        ),
        Route(
            "POST", one + "/fields", cases.give_fields, "Add or correct what it says, before it is decided",
            body=cases.GIVE_SCHEMA, **write,
        ),
        Route(
            "POST", one + "/withdraw", cases.withdraw, "Take it back", body=cases.WITHDRAW_SCHEMA, **write
        ),
        *_task_routes(read, write),
    ]  # fmt: skip


def _task_routes(read: dict[str, Any], write: dict[str, Any]) -> list[Route]:
    one = "/api/tasks/{id}"
    said = {
        "approve": "Approve it",
        "reject": "Reject it",
        "complete": "Say that it is done",
        "return": "Send it back to who started it, where its process has that",
    }
    return [
        Route("GET", "/api/tasks", tasks.list_tasks, "What waits for the caller", query=tasks.QUERY, **read),
        Route("POST", one + "/claim", tasks.claim, "Take it on", body=tasks.NOTHING, **write),
        Route("POST", one + "/release", tasks.release, "Give it back", body=tasks.NOTHING, **write),
        *(
            Route(
                "POST", f"{one}/{decision}", tasks.decide(decision), summary,
                body=tasks.DECISION_SCHEMA, **write,
            )
            for decision, summary in said.items()
        ),
        Route(
            "POST", one + "/decide", tasks.decide(None), "Another decision of its process",
            body=tasks.ANY_DECISION_SCHEMA, **write,
        ),
    ]  # fmt: skip
