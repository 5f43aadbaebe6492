"""Those who serve: invite, member remove."""

from __future__ import annotations

import click

from bot.settings import Settings


@click.command()
@click.argument("member_id", metavar="ID")
@click.pass_obj
def invite(settings: Settings, member_id: str) -> None:
    """One-time links for somebody of street.yml: for the chat account and for the console."""
    from bot.bootstrap import load_street_of, open_database, unit_of_work_factory
    from bot.console.invitations import invitation_links
    from bot.domain.calendar import utc_now
    from bot.services.console_accounts import invite_to_console
    from bot.services.members import invite_member
    from bot.storage.sealing import load_keys

    street, now = load_street_of(settings), utc_now()
    with unit_of_work_factory(open_database(settings), load_keys(settings.secret_file))() as uow:
        chat = invite_member(uow, street, member_id, now)
        console = invite_to_console(uow, street, member_id, now)
        uow.commit()
    links = invitation_links(settings.telegram_name, settings.web_url, chat, console)
    if not settings.telegram_name:
        click.echo("send the first line to the bot (set FALIN_TELEGRAM_NAME for a link)", err=True)
    click.echo("\n".join(links))
    click.echo("each is valid once, for seven days", err=True)


@click.group()
def member() -> None:
    """Those who serve: advisers, mediators, staff, supervisors."""


@member.command("remove")
@click.argument("member_id", metavar="ID")
@click.pass_obj
def member_remove(settings: Settings, member_id: str) -> None:
    """End somebody's log-ins at once, unbind the chat account, give open cases to others."""
    from bot.bootstrap import load_library, load_street_of, open_database, unit_of_work_factory
    from bot.domain.calendar import utc_now
    from bot.services.leaving import remove_from_service
    from bot.services.turn import Work
    from bot.storage.sealing import load_keys

    library = load_library(load_street_of(settings))
    with unit_of_work_factory(open_database(settings), load_keys(settings.secret_file))() as uow:
        moved = remove_from_service(Work(uow, library, utc_now()), member_id)
        uow.commit()
    click.echo(f"{member_id} has no access any more; {moved} open cases went to others")
    if library.street.find_member(member_id):
        click.echo("take the entry out of street.yml too, or invite anew", err=True)
