"""The gate in front of Rasa: who hears a message of somebody with an open case. The case table is the source of truth."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

from bot.assistant.links import Links
from bot.assistant.reading import Reading
from bot.domain.cases import Case, find_reference
from bot.domain.decisions import Understanding
from bot.domain.errors import NotFound, RuleBroken
from bot.domain.messages import Button, Inbound
from bot.domain.work_calendar import say_moment
from bot.services import casework, relay
from bot.services.moving import move_here
from bot.services.status import client_buttons, place_in_queue, say_opened
from bot.services.turn import Turn

State = dict[str, Any]
GO_ON = frozenset({"继续", "继续办", "继续问", "接着办", "接着问", "重新打开", "还没解决", "没解决"})
CASE_LINK = "case_"
# What a client says to falin itself in the middle of a talk with the adviser: the standing keys, and “忘记我”.
FOR_FALIN = frozenset({"ask_status", "forget_me", "menu"})
TO_ADVISER = "转人工"
SURE = 0.5
ALL_SAID = timedelta(minutes=5)
SHORT_REQUEST = 8  # characters: longer words are meant for the adviser


class Gate:
    """Decides before Rasa does.

    Args:
        understand: what a text is about; asked only while a case waits, and for danger in a live one.
        links: signs the links by which a case goes on elsewhere.
    """

    def __init__(self, understand: Callable[[str], Understanding], links: Links) -> None:
        self._understand, self._links = understand, links

    def take(self, turn: Turn, inbound: Inbound, reading: Reading, state: State) -> bool:
        """Whether the message was handled here, so that the brain must not see it. `state` may be changed."""
        if reading.act:
            return self._act(turn, reading.act, state)
        if reading.intent == "start" and (token := reading.slots.get("start_parameter", "")).startswith(CASE_LINK):
            return self._come_back(turn, token)
        if reading.intent:
            return False
        if (case_id := state.pop("comment", None)) and reading.words:
            casework.comment_case(turn, case_id, reading.words)
            turn.say("utter_thanks_for_comment")
            return True
        found = turn.uow.cases.find_open(turn.client.id)
        if found is None:
            return self._reopen(turn, reading, state)
        case = turn.uow.cases.lock(found.id)
        if case.bot_since or (state.get("active_loop") and not self._answers_adviser(case)):
            return False
        if not self._hear(turn, case, inbound, reading):
            return False
        if state.get("active_loop"):
            self._leave_form(turn, case, state)
        return True

    def _answers_adviser(self, case: Case) -> bool:
        """The adviser spoke last: what comes now is meant for them, though a form waits, too."""
        return case.live and case.waits_for == "client"

    def _leave_form(self, turn: Turn, case: Case, state: State) -> None:
        """The form gives way; what was answered so far is kept as a draft."""
        state["active_loop"] = None
        state["slots"] = {name: value for name, value in state.get("slots", {}).items() if name != "requested_slot"}
        turn.silent = False
        turn.say("utter_form_left_for_adviser", adviser=turn.library.street.name_of(case.adviser_id))

    def _hear(self, turn: Turn, case: Case, inbound: Inbound, reading: Reading) -> bool:
        """A message while a case is open: for the adviser, now or later."""
        if inbound.edited:
            return self._edit(turn, case, inbound)
        if inbound.attachment:
            relay.say_to_adviser(turn, case, inbound)
            self._receipt(turn, case)
            return True
        if not reading.words:
            return self._not_relayed(turn, case, reading)
        found = self._understand(reading.words)
        danger = found.decision == "crisis"
        if self._is_for_falin(case, reading.words, found):
            return False
        relay.say_to_adviser(turn, case, inbound, danger=danger)
        if danger:  # the number to call comes first, whoever is listening
            turn.understanding = found
            return False
        self._receipt(turn, case, question=found.decision in ("answer", "clarify"))
        return True

    def _is_for_falin(self, case: Case, words: str, found: Understanding) -> bool:
        """“我的案件”, “忘记我” and the like are meant for falin, even in a live case; so is small talk while waiting."""
        if case.live:
            return words == TO_ADVISER or (found.intent in FOR_FALIN and len(words) <= SHORT_REQUEST)
        return found.decision == "smalltalk" or (found.decision == "service" and found.confidence >= SURE)

    def _receipt(self, turn: Turn, case: Case, *, question: bool = False) -> None:
        """In a live case the adviser answers and falin is silent; before that, say that it was noted.

        Args:
            question: falin could answer it: the way back to falin is shown.
        """
        if case.live:
            turn.silent = True
            return
        earlier = turn.uow.case_files.list_messages(case.id, 2)[:-1]
        name = "utter_noted" if case.promised_at else "utter_noted_unseen"
        if earlier and turn.now - earlier[0].at < ALL_SAID:
            name = "utter_noted_again"  # who writes line by line need not read it all each time
        reply = turn.library.wording.say(
            name,
            reference=case.reference,
            adviser=turn.library.street.name_of(case.adviser_id),
            place=place_in_queue(turn, case),
            promised=say_moment(case.promised_at, turn.now) if case.promised_at else "",
        )
        turn.replies.append(reply.with_buttons(*client_buttons(turn, case, ["bot"])) if question else reply)

    def _edit(self, turn: Turn, case: Case, inbound: Inbound) -> bool:
        source = relay.source_of(turn.client.id, inbound)
        message = turn.uow.case_files.find_source(inbound.channel, source) if source else None
        if message is None or message.case_id != case.id or not relay.edit_message(turn, message, inbound):
            return False
        turn.silent = case.live
        if not case.live:
            turn.say("utter_edit_noted")
        return True

    def _not_relayed(self, turn: Turn, case: Case, reading: Reading) -> bool:
        """A sticker, a file too large, nothing at all: the sender must know that it did not arrive."""
        if not case.live or reading.reply in ("utter_too_long", "utter_file_too_large"):
            return False
        turn.say("utter_not_relayed")
        return True

    def _reopen(self, turn: Turn, reading: Reading, state: State) -> bool:
        """A message to a case that was closed not long ago opens it again: its reference, or “继续”."""
        if not reading.words or (reading.words.strip("。！!. ") not in GO_ON and not find_reference(reading.words)):
            return False
        wanted = find_reference(reading.words)
        cases = turn.uow.cases.list_for_client(turn.client.id)
        case = next((c for c in cases if c.may_reopen(turn.now) and wanted in (None, c.reference)), None)
        if case is None:
            if wanted or state.get("active_loop"):
                return False
            turn.say("utter_nothing_to_reopen")
            return True
        say_opened(turn, casework.reopen_case(turn, case.id), new=True)
        return True

    # -- buttons under a case

    def _act(self, turn: Turn, act: str, state: State) -> bool:
        verb, case_id, *rest = [*act.split(":"), ""]
        try:
            case = turn.uow.cases.lock(int(case_id))
            if case.client_id != turn.client.id or not hasattr(self, f"_do_{verb}"):
                raise NotFound("not this client's")
            getattr(self, f"_do_{verb}")(turn, case, rest[0], state)
        except (ValueError, NotFound):
            turn.say("utter_stale_button")
        except RuleBroken as error:
            turn.say(f"utter_refused_{error.code}")
        return True

    def _do_bot(self, turn: Turn, case: Case, _: str, __: State) -> None:
        casework.return_to_bot(turn, case.id, "client")
        turn.say("utter_bot_listens", reference=case.reference)

    def _do_adviser(self, turn: Turn, case: Case, _: str, __: State) -> None:
        say_opened(turn, casework.return_to_adviser(turn, case.id), new=False)

    def _do_withdraw(self, turn: Turn, case: Case, confirmed: str, _: State) -> None:
        if confirmed != "yes":
            reply = turn.library.wording.say("utter_confirm_withdraw", reference=case.reference)
            yes = Button(turn.library.wording.text("utter_mine_withdraw_yes"), f"case:withdraw:{case.id}:yes")
            turn.replies.append(reply.with_buttons((yes,), *client_buttons(turn, case, ["keep"])))
            return
        casework.withdraw_case(turn, case.id)
        turn.say("utter_case_withdrawn", reference=case.reference)

    def _do_keep(self, turn: Turn, case: Case, _: str, __: State) -> None:
        turn.say("utter_case_kept", reference=case.reference)

    def _do_reopen(self, turn: Turn, case: Case, _: str, __: State) -> None:
        say_opened(turn, casework.reopen_case(turn, case.id), new=True)

    def _do_history(self, turn: Turn, case: Case, _: str, __: State) -> None:
        if not relay.show_history(turn, case, turn.client.id):
            turn.say("utter_no_history")
        turn.silent = True

    def _do_slots(self, turn: Turn, case: Case, _: str, __: State) -> None:
        slots = casework.list_slots(turn, case) if case.adviser_id and not case.closed_at else []
        reply = turn.library.wording.say("utter_ask_slot" if slots else "utter_no_slots")
        rows = [(Button(say_moment(at, turn.now), f"case:book:{case.id}:{int(at.timestamp())}"),) for at in slots]
        turn.replies.append(reply.with_buttons(*rows))

    def _do_book(self, turn: Turn, case: Case, stamp: str, state: State) -> None:
        at = casework.book_slot(turn, case.id, datetime.fromtimestamp(int(stamp), timezone.utc))
        if at is None:
            turn.say("utter_slot_taken")
            self._do_slots(turn, case, "", state)
            return
        turn.say(
            "utter_slot_booked",
            reference=case.reference,
            adviser=turn.library.street.name_of(case.adviser_id),
            when=say_moment(at, turn.now),
            phone=turn.library.street.phone_of(case.adviser_id),
        )

    def _do_rate(self, turn: Turn, case: Case, rating: str, _: State) -> None:
        casework.rate_case(turn, case.id, turn.client.id, int(rating))
        reply = turn.library.wording.say("utter_thanks_for_rating")
        comment = Button(turn.library.wording.text("utter_mine_comment"), f"case:comment:{case.id}")
        turn.replies.append(reply.with_buttons((comment,)))

    def _do_comment(self, turn: Turn, case: Case, _: str, state: State) -> None:
        state["comment"] = case.id
        turn.say("utter_ask_comment")

    def _do_elsewhere(self, turn: Turn, case: Case, _: str, __: State) -> None:
        web, telegram = self._links.of(case.reference)
        turn.say("utter_case_link", web=web, telegram=telegram)

    def _come_back(self, turn: Turn, token: str) -> bool:
        reference = self._links.check(token.removeprefix(CASE_LINK))
        case = turn.uow.cases.find_by_reference(reference) if reference else None
        # Somebody who serves may have been sent the link: the case stays with whom it belongs to.
        if case is None or not case.client_id or turn.uow.members.find_by_client(turn.client.id):
            turn.say("utter_case_link_invalid")
            return True
        try:
            move_here(turn, turn.uow.cases.lock(case.id))
        except RuleBroken as error:
            turn.say(f"utter_refused_{error.code}")
        return True
