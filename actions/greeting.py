"""/start: a first visit, a poster's link, or an adviser's invitation."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import FollowupAction, SlotSet

from actions.mediation_choices import welcome_respondent
from bot.services.cards import send_card
from bot.services.members import accept_invite
from bot.services.turn import Turn

MEMBER_PREFIX = "member_"
MEDIATION_PREFIX = "mediation_"


def greet_visitor(turn: Turn, tracker: Tracker) -> list[dict[str, Any]]:
    """Welcome; a community in the link leads into its registration."""
    parameter = next(tracker.get_latest_entity_values("start_parameter"), "")
    if parameter.startswith(MEMBER_PREFIX):
        _welcome_member(turn, parameter.removeprefix(MEMBER_PREFIX))
        return []
    if parameter.startswith(MEDIATION_PREFIX):
        welcome_respondent(turn, parameter.removeprefix(MEDIATION_PREFIX))
        return []
    turn.say("utter_welcome")
    community = turn.library.street.find_community(parameter) if parameter else None
    if community is None or (turn.client.registered and turn.client.community == community.id):
        return []
    return [SlotSet("community", community.id), FollowupAction("registration_form")]


def _welcome_member(turn: Turn, token: str) -> None:
    member_id = accept_invite(turn.uow, token, turn.client.id, turn.now)
    member = turn.library.street.find_member(member_id) if member_id else None
    if member is None:
        turn.say("utter_invite_invalid")
        return
    turn.say(f"utter_welcome_{member.role}", member=member.name)
    if cases := turn.uow.cases.list_for_adviser(member.id):  # a new phone shows what is in hand
        turn.uow.outbox.add(turn.client.id, turn.replies.pop(), turn.now)
        turn.silent = True
        for case in cases:
            send_card(turn, case, member)
