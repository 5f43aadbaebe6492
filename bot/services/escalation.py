"""Escalation: from the bot to the community's adviser."""

from __future__ import annotations

from bot.domain.calendar import beijing_day
from bot.domain.cases import Case, new_reference
from bot.domain.errors import RuleBroken
from bot.domain.ledger import Entry
from bot.domain.matters import UNKNOWN_MATTER
from bot.services.turn import Turn


def open_case(turn: Turn, question: str, matter: str | None, urgency: str = "normal") -> tuple[Case, bool]:
    """Open a case for the turn's client, tell the community's adviser, count the escalation.

    A client with an open case keeps it: asking twice must not make two.

    Returns:
        The case, and whether it is new.

    Raises:
        RuleBroken: the client is not registered, so nobody knows whose client it is.
    """
    client = turn.client
    if not client.registered or not client.community:
        raise RuleBroken("a case needs a registered client")
    if existing := turn.uow.cases.find_open(client.id):
        return existing, False
    community = turn.library.street.find_community(client.community)
    adviser_id = community.adviser if community else None
    case = turn.uow.cases.add(
        Case(
            id=0,
            reference=new_reference(beijing_day(turn.now)),
            client_id=client.id,
            community=client.community,
            matter=matter or UNKNOWN_MATTER,
            urgency=urgency,
            question=question,
            opened_at=turn.now,
            adviser_id=adviser_id,
        )
    )
    turn.uow.ledger.add(
        Entry(
            key=f"escalation:{case.reference}",
            kind="escalation",
            matter=case.matter,
            community=case.community,
            subject=client.kind or "unknown",
            channel=client.channel,
            served_by="bot",
            outcome="opened",
            client=client.pseudonym,
            occurred_at=turn.now,
        )
    )
    notify_adviser(turn, case)
    return case, True


def notify_adviser(turn: Turn, case: Case) -> bool:
    """Put a card for the case into the adviser's chat; False if the adviser has no account yet."""
    account = turn.uow.members.find_account(case.adviser_id) if case.adviser_id else None
    if account is None:
        return False
    community = turn.library.street.find_community(case.community)
    card = turn.library.wording.say(
        "utter_case_card",
        reference=case.reference,
        community=community.name if community else case.community,
        matter=turn.library.matter_title(case.matter),
        urgency=turn.library.wording.text(f"utter_urgency_{case.urgency}"),
        question=case.question[:500] or turn.library.wording.text("utter_case_without_question"),
    )
    turn.uow.outbox.add(account, card, turn.now)
    return True
