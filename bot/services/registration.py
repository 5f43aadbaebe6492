"""Registration: community, kind and consent; and its opposite, being forgotten."""

from __future__ import annotations

from bot.domain.clients import CLIENT_KINDS
from bot.domain.errors import RuleBroken
from bot.domain.ledger import Entry
from bot.services.casework import withdraw_case
from bot.services.handoff import remove_member
from bot.services.mediation_steps import withdraw_all
from bot.services.turn import Turn


def register_client(turn: Turn, community_id: str, kind: str) -> bool:
    """Register the turn's client, who has just consented. Counted once per client.

    Returns:
        True when newly registered, False when an existing registration was changed.

    Raises:
        RuleBroken: unknown community or kind.
    """
    community = turn.library.street.find_community(community_id)
    if community is None or kind not in CLIENT_KINDS:
        raise RuleBroken("registration needs a community of this street and a kind of client")
    client = turn.client
    first = not client.registered
    client.community, client.kind = community.id, kind
    client.consented_at = client.consented_at or turn.now
    turn.uow.clients.save(client)
    turn.uow.ledger.add(
        Entry(
            key=f"registration:{client.pseudonym}",
            kind="registration",
            matter="other",
            community=community.id,
            subject=kind,
            channel=client.channel,
            served_by="bot",
            outcome="registered",
            client=client.pseudonym,
            occurred_at=turn.now,
        )
    )
    return first


def forget_client(turn: Turn) -> None:
    """Erase everything personal about the turn's client. The ledger keeps its pseudonymous entries.

    A member's open cases ask somebody else; a client's adviser is told that the case is over.
    """
    if member_id := turn.uow.members.find_by_client(turn.client.id):
        remove_member(turn, member_id, "left")
    if case := turn.uow.cases.find_open(turn.client.id):
        withdraw_case(turn, case.id, "erased")
    withdraw_all(turn)
    turn.uow.conversations.clear(turn.client.id)
    turn.uow.clients.erase(turn.client.id, turn.now)
