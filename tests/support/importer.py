"""A process that imports one file in small chunks, and may die in the middle: for tests that kill it.

    python -m tests.support.importer URL FILE DIES_AT

It dies by SIGKILL at its DIES_AT-th statement (0: never).
"""

from __future__ import annotations

import sys
from pathlib import Path

from sqlalchemy import event

from deskhand.erp import order_import
from deskhand.erp.importing import ImportOptions, run
from deskhand.erp.sources import Source
from tests.support.desks import ADMIN, open_desk
from tests.support.settler import Doomed

ORDERS_A_CHUNK = 5
OPTIONS = ImportOptions("shop", currency="EUR", zone="UTC", kind="orders")


def main(url: str, file: str, dies_at: str) -> None:
    order_import.ORDERS_A_CHUNK = ORDERS_A_CHUNK
    desk = open_desk(url)
    desk.versions.first_look(ADMIN.tenant)
    doomed = Doomed(int(dies_at))
    event.listen(desk.database.engine, "before_cursor_execute", doomed)
    run(desk, ADMIN, [Source.of(Path(file))], OPTIONS)
    desk.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
