"""`deskhand tenants`: the companies that are served, what their files say, and laying down a new one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from deskhand.cli.workplace import open_desk
from deskhand.store import Desk, LiveTenants, TenantFileInvalid, faults_in, known_tenants, read_tenant, settings_of

if TYPE_CHECKING:
    from deskhand.cli.main import Context

COLUMNS = ["tenant", "name", "state", "time_zone", "currency", "languages", "channels"]
TEMPLATE = """# The company's settings; the file's name is its id. Taken up within seconds, without a restart.
name: {name}
time_zone: {time_zone}
currency: {currency}
languages: [zh, en]
channels: [chat, http, slack, teams]  # what is not named here is refused
undo_window_seconds: 15      # effects that leave the house (mail, invoice) wait this long
card_minutes: 30             # a card with buttons expires after this
settlement_cut_off: "18:00"  # local time of the daily settlement
reservation_days: 14         # how long confirmed orders hold stock; never: until they leave
default_warehouse: main
scheduled: []                # processes that the clock starts here, such as quality_report; none by default

limits:
  sign_in_per_minute: 10     # for one login
  chat_per_minute: 120       # messages of one person
  api_per_minute: 600        # requests of one person or key
  import_per_hour: 60        # files of the company
  largest_import_mb: 32

retention:                   # days, or never
  messages_days: 365
  notifications_days: 90
  audit_days: never
  personal_days: never

session:
  idle_minutes: 120          # without a request
  longest_hours: 12

handover:                    # of a conversation to a person; after so long the bot takes it back and says so
  wait_minutes: 30           # nobody took it
  answer_minutes: 15         # who took it leaves the customer without a word

# Words of its own instead of ours; also in {tenant}/texts.yml beside this file. Notices by their key in the process's
# texts.yml, what the bot says by its name in domain.yml, cards by section and key of cards.yml.
# texts:
#   order_placed: {{zh: "新订单 {{number}}", en: "{{number}} has come in"}}
#   utter_greet: {{en: "Welcome to our order desk."}}
#   titles.order_draft: {{en: Your order so far}}
"""


@click.group()
def tenants() -> None:
    """List, check, show and add companies."""


@tenants.command("list")
@click.pass_obj
def list_(context: Context) -> None:
    """All companies: served, with a wrong file, or removed with their data kept."""
    with closing(open_desk(context.environment, may_be_outdated=True)) as desk:
        rows = [*_rows(desk)]
    context.output.rows("Companies", rows, COLUMNS)


@tenants.command()
@click.pass_obj
def check(context: Context) -> None:
    """Say everything that is wrong in the companies' files; exit code 1 if anything is."""
    faults = faults_in(folder_of(context), context.environment["DESKHAND_PROCESSES_DIR"])
    rows = [{"file": f.file, "line": f.line, "setting": f.setting, "problem": f.problem} for f in faults]
    context.output.rows("Faults" if rows else "No faults", rows, ["file", "line", "setting", "problem"])
    raise SystemExit(1 if faults else 0)


@tenants.command()
@click.argument("tenant")
@click.pass_obj
def show(context: Context, tenant: str) -> None:
    """One company's settings as they are in force, those with defaults too."""
    with closing(open_desk(context.environment, may_be_outdated=True)) as desk:
        context.output.record(settings_of(desk.tenant(tenant)))


@tenants.command()
@click.argument("tenant")
@click.option("--name", required=True, help="What the company is called.")
@click.option("--time-zone", default="UTC", show_default=True)
@click.option("--currency", default="CNY", show_default=True)
@click.pass_obj
def add(context: Context, tenant: str, name: str, time_zone: str, currency: str) -> None:
    """Lay down a company's file, which is checked first; the services take it up within seconds."""
    file = folder_of(context) / f"{tenant}.yml"
    quoted = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    text = TEMPLATE.format(tenant=tenant, name=quoted, time_zone=time_zone, currency=currency)
    draft = file.with_name(f"{file.name}.new")
    if Path(tenant).name != tenant:
        raise click.UsageError(f"{tenant!r} is no id of a company")
    if file.exists():
        raise click.ClickException(f"there is a company {tenant} already: {file}")
    try:
        draft.write_text(text, encoding="utf-8")
        read_tenant(draft, name=tenant)
        draft.rename(file)
    except TenantFileInvalid as error:
        raise click.ClickException(str(error).replace(draft.name, file.name)) from error
    finally:
        draft.unlink(missing_ok=True)
    context.output.record({"tenant": tenant, "file": str(file), "added": True})


def folder_of(context: Context) -> Path:
    return Path(context.environment["DESKHAND_TENANTS_DIR"])


def _rows(desk: Desk) -> Iterator[dict[str, Any]]:
    served = desk.tenants
    broken = served.broken if isinstance(served, LiveTenants) else frozenset()
    for name, tenant in sorted(served.items()):
        yield {
            "tenant": name,
            "name": tenant.name,
            "state": "served",
            "time_zone": tenant.time_zone,
            "currency": tenant.currency,
            "languages": ", ".join(tenant.languages),
            "channels": ", ".join(tenant.channels),
        }
    for name in sorted(broken - served.keys()):
        yield {"tenant": name, "state": "file is wrong: deskhand tenants check"}
    if desk.database.ready():
        gone = {one.id for one in known_tenants(desk)} - served.keys() - broken
        yield from ({"tenant": name, "state": "removed, data kept"} for name in sorted(gone))


def choose_tenant(ctx: click.Context, _: click.Parameter, tenant: str | None) -> None:
    """`--tenant` goes before DESKHAND_TENANT."""
    if tenant is not None:
        ctx.obj.environment["DESKHAND_TENANT"] = tenant


def with_tenant_option(command: click.Command) -> click.Command:
    """The command, and those in it, act on the company that `--tenant` names."""
    if isinstance(command, click.Group):
        for each in command.commands.values():
            with_tenant_option(each)
        return command
    said = "The company, by its id; DESKHAND_TENANT by default."
    command.params.append(
        click.Option(["--tenant"], metavar="ID", help=said, expose_value=False, is_eager=True, callback=choose_tenant)
    )
    return command
