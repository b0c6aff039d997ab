"""The addresses of imports and exports, as the route table takes them up."""

from __future__ import annotations

from typing import Any

from deskhand.erp.sheets import Format
from deskhand.gateway import candidate_routes, export_routes, import_routes
from deskhand.gateway.route import Route
from deskhand.gateway.scopes import Scope


def import_table() -> list[Route]:
    """For people who may import or export, and for keys with the scope."""
    here, everything, one = import_routes, "/api/imports", "/api/imports/{id}"
    program: dict[str, Any] = {"scope": Scope.ORDERS_IMPORT}
    return [
        Route(
            "POST", everything, here.look, "Look at files: a preview, and the id to agree to", form=here.FORM,
            success=201, once=True, **program,
        ),
        Route("GET", everything, here.list_imports, "Imports of the company", query=here.QUERY, **program),
        Route("GET", one, here.show, "Its preview, how far it is, its report", **program),
        Route(
            "POST", one + "/apply", here.apply, "The yes: it is carried out in the background", body=here.NOTHING,
            success=202, once=True, **program,
        ),
        Route(
            "GET", one + "/rejected", here.rejected, "The rows that were refused, to be corrected", media=("text/csv",),
            **program,
        ),
        Route("DELETE", one, here.discard, "Discard it, or stop it", success=204, **program),
        Route(
            "GET", "/api/candidates", candidate_routes.list_candidates, "Orders that may be one",
            query=candidate_routes.QUERY, **program,
        ),
        Route(
            "POST", "/api/candidates/{id}", candidate_routes.decide_candidate,
            "Say whether they are one, or take that back", body=candidate_routes.BODY, once=True, **program,
        ),
        Route(
            "GET", "/api/exports/{kind}", export_routes.export_kind,
            "Orders, lines, customers, products, stock or shipments as a file", scope=Scope.ORDERS_READ,
            query=export_routes.QUERY, media=("text/csv", Format.XLSX.media),
        ),
    ]  # fmt: skip
