"""`python -m deskhand.worker`."""

from __future__ import annotations

import asyncio
import logging
import os
import sys

from deskhand import logs
from deskhand.garbage import collect_seldom
from deskhand.worker.service import serve
from deskhand.worker.settings import Settings, SettingsRefused


def main() -> None:
    logs.set_up()
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    try:
        settings = Settings.from_environ(os.environ)
    except SettingsRefused as error:
        sys.exit(f"deskhand.worker: {error}")
    collect_seldom()
    asyncio.run(serve(settings))


if __name__ == "__main__":
    main()
