"""`python -m examples.legacy_erp`: the web application, or with --desktop the Tk program, over the same file."""

from __future__ import annotations

from typing import Any

import click

from examples.legacy_erp.book import Book
from examples.legacy_erp.faults import Faults

SHARE = click.FloatRange(0, 1)


@click.command(context_settings={"help_option_names": ["-h", "--help"], "show_default": True})
@click.option("--desktop", is_flag=True, help="Open the Tk program on this display instead of serving the web one.")
@click.option("--host", default="127.0.0.1", help="Where the web application listens.")
@click.option("--port", default=8077, help="Its port.")
@click.option("--file", "path", default=":memory:", help="SQLite file of the orders; both programs may share one.")
@click.option("--language", type=click.Choice(["en", "zh"]), default="en", help="The desktop program's language.")
@click.option("--user", default="robot", help="Who may sign in.")
@click.option("--password", default="erp-Secret-42", envvar="LEGACY_ERP_PASSWORD", help="Their password.")
@click.option("--session-minutes", default=20.0, help="A session that is not used for so long is over.")
@click.option(
    "--failing", type=SHARE, default=0.0, help="Share of requests that fail; half of these have done their work."
)
@click.option("--slow", type=SHARE, default=0.0, help="Share of requests that take long.")
@click.option("--slow-for", default=2.0, help="How long, in seconds.")
@click.option("--time-outs", type=SHARE, default=0.0, help="Share of requests that find their session ended.")
@click.option("--pop-ups", type=SHARE, default=0.0, help="Share of pages with a window in front of them.")
@click.option("--seed", type=int, help="The same faults again.")
def main(desktop: bool, host: str, port: int, path: str, language: str, user: str, password: str,
         session_minutes: float, **faults: Any) -> None:  # fmt: skip
    """A small old ERP to practise robots on. Sign in as robot / erp-Secret-42."""
    book = Book(path)
    if desktop:
        from examples.legacy_erp.desk import LegacyDesk

        LegacyDesk(book, Faults(**faults), language=language, user=user, password=password).mainloop()
    else:
        from aiohttp import web

        from examples.legacy_erp.web import legacy_erp

        app = legacy_erp(book, Faults(**faults), user=user, password=password, session_minutes=session_minutes)
        web.run_app(app, host=host, port=port, print=lambda *_: click.echo(f"Legacy ERP: http://{host}:{port}"))


if __name__ == "__main__":
    main()
