"""The audit is a chain for each tenant

Rows that are there already are linked in the order of their times; what they say counts as personal, so that it can
be erased. The rules of the chain are written out here as they were on that day.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterator
from datetime import UTC
from typing import Any

import sqlalchemy as sa
from alembic import op

from deskhand.store import types

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_BATCH = 1000
_NEEDED = ("seq", "personal_target", "salt", "personal_digest", "previous_hash", "hash")
_OLD = ("tenant", "id", "actor", "role", "channel", "cause", "action", "target", "outcome")


def _new() -> list[sa.Column[Any]]:
    """Made anew for each use: a column belongs to one table."""
    return [
        sa.Column("seq", sa.BigInteger()),
        sa.Column("on_behalf_of", sa.String()),
        sa.Column("before", types.Json),
        sa.Column("after", types.Json),
        sa.Column("personal", types.Json),
        sa.Column("personal_target", sa.Boolean()),
        sa.Column("salt", sa.String(length=32)),
        sa.Column("personal_digest", sa.String(length=64)),
        sa.Column("previous_hash", sa.String(length=64)),
        sa.Column("hash", sa.String(length=64)),
    ]


def upgrade() -> None:
    op.create_table(
        "chain_head",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "name", name=op.f("pk_chain_head")),
    )
    op.add_column("history", sa.Column("on_behalf_of", sa.String()))
    for column in _new():
        op.add_column("audit", column)
    _link_all()
    with op.batch_alter_table("audit") as batch:
        for column in _new():
            if column.name in _NEEDED:
                batch.alter_column(column.name, existing_type=column.type, nullable=False)
        batch.create_unique_constraint(op.f("uq_audit_tenant_seq"), ["tenant", "seq"])
    op.create_index(op.f("ix_audit_tenant_target_seq"), "audit", ["tenant", "target", "seq"])
    op.create_index(op.f("ix_audit_tenant_actor_seq"), "audit", ["tenant", "actor", "seq"])


def downgrade() -> None:
    for name in ("target", "actor"):
        op.drop_index(op.f(f"ix_audit_tenant_{name}_seq"), "audit")
    with op.batch_alter_table("audit") as batch:
        batch.drop_constraint(op.f("uq_audit_tenant_seq"), type_="unique")
        for column in _new():
            batch.drop_column(column.name)
    with op.batch_alter_table("history") as batch:
        batch.drop_column("on_behalf_of")
    op.drop_table("chain_head")


def _table() -> sa.TableClause:
    old = [sa.column(name, sa.String()) for name in _OLD]
    times = (sa.column("detail", types.Json), sa.column("at", types.UtcTime()))
    return sa.table("audit", *old, *times, *(sa.column(column.name, column.type) for column in _new()))


def _link_all() -> None:
    table, connection = _table(), op.get_bind()
    head = sa.table("chain_head", *(sa.column(name) for name in ("tenant", "name", "seq", "hash")))
    for tenant in connection.execute(sa.select(table.c.tenant).distinct()).scalars().all():
        seq, previous = 0, "0" * 64
        for rows in _batches(connection, table, tenant):
            linked = []
            for row in rows:
                seq += 1
                linked.append(_linked(row, seq, previous))
                previous = linked[-1]["hash"]
            connection.execute(_update(table), linked)
        connection.execute(head.insert().values(tenant=tenant, name="audit", seq=seq, hash=previous))


def _batches(connection: sa.Connection, table: sa.TableClause, tenant: str) -> Iterator[list[dict[str, Any]]]:
    keys = sa.select(table.c.id).where(table.c.tenant == tenant).order_by(table.c.at, table.c.id)
    ids = connection.execute(keys).scalars().all()
    columns = [table.c[name] for name in (*_OLD, "detail", "at")]
    for start in range(0, len(ids), _BATCH):
        part = ids[start : start + _BATCH]
        query = sa.select(*columns).where(table.c.tenant == tenant, table.c.id.in_(part))
        found = {row["id"]: dict(row) for row in connection.execute(query).mappings()}
        yield [found[each] for each in part]


def _update(table: sa.TableClause) -> sa.Update:
    names = [*(column.name for column in _new()), "detail"]
    mine = (table.c.tenant == sa.bindparam("which_tenant"), table.c.id == sa.bindparam("which"))
    return sa.update(table).where(*mine).values({name: sa.bindparam(f"new_{name}", type_=table.c[name].type)
                                                 for name in names})  # fmt: skip


def _linked(row: dict[str, Any], seq: int, previous: str) -> dict[str, Any]:
    personal = {key: value for key, value in (("detail", row["detail"]), ("target", row["target"])) if value}
    salt = secrets.token_hex(16)
    said = json.dumps(personal, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    digest = hashlib.sha256(salt.encode() + b"\0" + said.encode()).hexdigest()
    new = {
        "seq": seq,
        "on_behalf_of": None,
        "before": None,
        "after": None,
        "personal": personal or None,
        "personal_target": "target" in personal,
        "salt": salt,
        "personal_digest": digest,
        "previous_hash": previous,
        "detail": {},
    }
    new["hash"] = _hash({**row, **new})
    which = {"which_tenant": row["tenant"], "which": row["id"]}
    return {**{f"new_{name}": value for name, value in new.items()}, **which, "hash": new["hash"]}


def _hash(row: dict[str, Any]) -> str:
    said = [
        *(row["tenant"], row["seq"], row["id"], row["actor"], None, row["role"], row["channel"], row["cause"]),
        *(row["action"], row["personal_target"], None if row["personal_target"] else row["target"], row["outcome"]),
        *(row["detail"], None, None, row["at"].astimezone(UTC).isoformat(), row["personal_digest"]),
        row["previous_hash"],
    ]
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
