"""`deskhand notify`: tells a role, a user or a customer something; shows and sets how somebody is told."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from typing import TYPE_CHECKING, Any

import click

from deskhand.cli.workplace import open_desk, operator, tenant_of, working
from deskhand.notifications.posting import MOST_CHARACTERS, AudienceInvalid, Notice, post
from deskhand.notifications.preferences import PreferencesInvalid
from deskhand.notifications.settings import save, settings_json, show
from deskhand.orders.actions import MANAGE_USERS, POST_NOTIFICATION
from deskhand.orders.errors import UnknownUser
from deskhand.orders.working_hours import DAYS
from deskhand.store import UnitOfWork, User

if TYPE_CHECKING:
    from deskhand.cli.main import Context


class _TellsByDefault(click.Group):
    """What is no command of the group is told to somebody: `deskhand notify role:sales TEXT`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        named = args[:1] and (args[0] in self.commands or args[0] in ctx.help_option_names)
        return super().parse_args(ctx, [*args] if named else ["tell", *args])


@click.group("notify", cls=_TellsByDefault)
def notify() -> None:
    """Tell somebody something, or set how somebody is told."""


@notify.command("tell")
@click.argument("to", metavar="TO")
@click.argument("text", required=False)
@click.option("--zh", help="The words in Chinese; TEXT is told in both languages.")
@click.option("--en", help="The words in English.")
@click.option("--order", help="The number of the order that it is about.")
@click.pass_obj
def tell(context: Context, to: str, text: str | None, zh: str | None, en: str | None, order: str | None) -> None:
    """Tell somebody something: TO is role:warehouse, user:LOGIN or customer:ID.

    \b
    deskhand notify role:warehouse "The dock is closed until 14:00."
    deskhand notify role:sales --zh "今天提前截单" --en "Orders close early today" --order SO-1001
    """
    given = {"zh": zh or text or "", "en": en or text or ""}
    words = {language: said.strip() for language, said in given.items() if said.strip()}
    if not words:
        raise click.UsageError("say what is to be told: TEXT, or --zh and --en")
    if any(len(said) > MOST_CHARACTERS for said in words.values()):
        raise click.UsageError(f"at most {MOST_CHARACTERS} characters can be told")
    with working(context.environment, POST_NOTIFICATION, "notify") as (uow, who):
        try:
            made = post(uow, who, Notice(to, words, order))
        except AudienceInvalid as error:
            raise click.BadParameter(str(error), param_hint="TO") from error
    context.output.record({"id": made, "to": to})


@notify.command("preferences")
@click.argument("login")
@click.option("--set", "chosen", multiple=True, metavar="KIND.CHANNEL=MODE", help="orders.slack=digest; repeatable.")
@click.option("--quiet", metavar="FROM-TO", help="22:00-07:00, in the person's time zone; `none` ends them.")
@click.option("--days", metavar="DAYS", help="The days on which quiet hours begin: mon,tue,wed.")
@click.option("--digest", metavar="WHEN", help="08:00 every day, or `hour`, or `hour:15` for a quarter past.")
@click.option("--zone", help="The person's time zone: Asia/Shanghai.")
@click.option("--mute-until", metavar="TIME", help="2026-11-24T08:00:00+08:00; `none` ends it.")
@click.pass_obj
def preferences(
    context: Context, login: str, chosen: tuple[str, ...], quiet: str | None, days: str | None, digest: str | None,
    zone: str | None, mute_until: str | None,
) -> None:  # fmt: skip
    """Show how a user is told, or set it.

    \b
    deskhand notify preferences clerk
    deskhand notify preferences clerk --quiet 22:00-07:00 --zone Asia/Shanghai
    deskhand notify preferences clerk --set orders.slack=digest --digest 08:00
    """
    said = _said(chosen, quiet, days, digest, zone, mute_until)
    with closing(open_desk(context.environment)) as desk:
        who = desk.require(MANAGE_USERS, operator(context.environment, "notify"))
        with desk.unit_of_work(tenant_of(context.environment)) as uow:
            user = _user(uow, login)
            try:
                now = save(desk, uow, who, user, said) if said else show(desk, uow, user)
            except PreferencesInvalid as error:
                raise click.BadParameter(str(error)) from error
            uow.commit()
    told = settings_json(now)
    kinds = {each["kind"]: each["wants"] for each in told["kinds"]}
    others = {name: told[name] for name in ("quiet", "time_zone", "digest", "muted_until")}
    context.output.record({"user": login, **others, "kinds": kinds})


def _user(uow: UnitOfWork, login: str) -> User:
    user = uow.users.by_login(login)
    if user is None:
        raise UnknownUser(user=login)
    return user


def _said(
    chosen: tuple[str, ...], quiet: str | None, days: str | None, digest: str | None, zone: str | None,
    mute_until: str | None,
) -> Mapping[str, Any]:  # fmt: skip
    """As the settings take it; what is wrong in it they say themselves."""
    said: dict[str, Any] = {}
    for each in chosen:
        name, _, mode = each.partition("=")
        kind, _, channel = name.partition(".")
        said.setdefault("wants", {}).setdefault(kind, {})[channel] = mode
    if quiet is not None:
        begins, _, ends = quiet.partition("-")
        named = days.split(",") if days else [*DAYS]
        said["quiet"] = None if quiet == "none" else {"from": begins, "to": ends, "days": named}
    if digest is not None:
        every, _, minute = digest.partition(":")
        hourly = {"every": "hour", "at": f"00:{minute or '00'}"}
        said["digest"] = hourly if every == "hour" else {"every": "day", "at": digest}
    if zone is not None:
        said["time_zone"] = zone
    if mute_until is not None:
        said["muted_until"] = None if mute_until == "none" else mute_until
    return said
