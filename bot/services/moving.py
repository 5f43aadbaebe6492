"""One person, another address: the case goes on in another browser or app, with the link that only its client has."""

from __future__ import annotations

from bot.domain.cases import Case, CaseEvent
from bot.domain.clients import Client
from bot.domain.errors import RuleBroken
from bot.services.relay import show_history
from bot.services.turn import Turn


def move_here(turn: Turn, case: Case) -> None:
    """Everything of the case's client moves to the client of this turn: registration, cases, pseudonym.

    The person is counted once: the old address keeps nothing and is a stranger from now on.

    Raises:
        RuleBroken: an open case would come to another one that is open here.
    """
    if case.client_id and case.client_id != turn.client.id:
        if turn.uow.cases.find_open(case.client_id) and turn.uow.cases.find_open(turn.client.id):
            raise RuleBroken("both have an open case", code="another_open")
        old = turn.uow.clients.get(case.client_id)
        turn.uow.cases.move(old.id, turn.client.id)
        turn.uow.mediations.move(old.id, turn.client.id)
        turn.uow.aid_applications.move(old.id, turn.client.id)
        turn.uow.clients.move(old.id, turn.client.id)
        turn.tell(old.id, "utter_moved_away")
        _take_over(turn.client, turn.uow.clients.get(turn.client.id))
        turn.uow.case_files.add_event(CaseEvent(case.id, turn.now, "moved", "client", turn.client.channel))
    turn.tell(turn.client.id, "utter_moved_here", reference=case.reference)
    turn.silent = True
    show_history(turn, turn.uow.cases.get(case.id), turn.client.id)


def _take_over(client: Client, stored: Client) -> None:
    for name in ("pseudonym", "community", "kind", "consented_at", "session", "session_at"):
        setattr(client, name, getattr(stored, name))
