"""The heads of a tenant's chains, to be kept outside this database: who rewrites a chain can't rewrite those.

One JSON object a line: first the tenant and the audit's head, then each order's.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, select

from deskhand.store.repositories.audit import CHAIN, newest
from deskhand.store.schema import case_file, sales_order

Head = dict[str, object]


class AnchorInvalid(ValueError):
    """The file is no anchor of this tenant."""


def audit_head(connection: Connection, tenant: str, at: datetime) -> Head:
    """How long the audit is and what it ends with."""
    seq, ends = newest(connection, tenant)
    return {"tenant": tenant, "at": at.isoformat(), "chain": CHAIN, "seq": seq, "hash": ends}


def order_heads(connection: Connection, tenant: str) -> Iterator[Head]:
    """The same of every order and every case, in a stream."""
    for table in (sales_order, case_file):
        columns = (table.c.id, table.c.number, table.c.history_seq, table.c.history_hash)
        query = select(*columns).where(table.c.tenant == tenant).order_by(table.c.id)
        for row in connection.execute(query, execution_options={"yield_per": 2000}):
            yield {"chain": row.id, "number": row.number, "seq": row.history_seq, "hash": row.history_hash}


def read_anchor(path: Path, tenant: str) -> dict[str, tuple[int, str]]:
    """Chain -> the head that was kept; empty chains are left out, there is nothing in them to be compared.

    Raises:
        AnchorInvalid: another tenant's, or not such a file.
    """
    try:
        heads = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        if not heads or heads[0]["tenant"] != tenant:
            raise AnchorInvalid(f"{path} is no anchor of {tenant}")
        return {str(head["chain"]): (int(head["seq"]), str(head["hash"])) for head in heads if head["seq"]}
    except (ValueError, KeyError, TypeError) as error:
        raise AnchorInvalid(str(error) if isinstance(error, AnchorInvalid) else f"{path} is no anchor") from error
