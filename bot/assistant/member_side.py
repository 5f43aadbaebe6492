"""The members' side of the chat: cards, buttons and commands, and what they say to clients. Rasa sees none of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.assistant.member_commands import COMMANDS, Desk
from bot.assistant.reading import Reading, split_command
from bot.domain.cases import BOT_GRADES, Case, CaseMessage
from bot.domain.decisions import Understanding
from bot.domain.errors import NotFound, RuleBroken
from bot.domain.messages import Attachment, Button, Inbound
from bot.services import casework, handoff, relay
from bot.services.assigning import is_reachable
from bot.services.cards import card_acts, case_buttons, render_card
from bot.services.logging_by_hand import undo_log
from bot.services.turn import Turn

State = dict[str, Any]
# What the next typed words of a member are for: kept with the conversation's state under this key.
EXPECT = "expect"
DRAFT = "draft"
RECALL = frozenset({"/recall", "撤回"})


class MemberSide:
    """Args: understand: finds entries and articles for /faq and /law."""

    def __init__(self, understand: Callable[[str], Understanding]) -> None:
        self._understand = understand

    def take(self, turn: Turn, member_id: str, inbound: Inbound, reading: Reading, state: State) -> bool:
        """Whether this was a member at work; anything else goes the way of every other message."""
        try:
            return self._take(turn, member_id, inbound, reading, state)
        except RuleBroken as error:
            turn.say(f"utter_refused_{error.code}")
        except (NotFound, ValueError, IndexError):
            turn.say("utter_stale_button")
        return True

    def _take(self, turn: Turn, member_id: str, inbound: Inbound, reading: Reading, state: State) -> bool:
        if reading.act:
            return self._press(turn, member_id, reading.act, state)
        words = relay.caption_of(inbound).strip()
        expected = state.pop(EXPECT, None)
        if inbound.edited:
            return self._edit(turn, member_id, inbound)
        if words in RECALL:
            return self._recall(turn, member_id, inbound)
        if words.startswith("/"):
            name, argument = split_command(words)
            command = COMMANDS.get(name)
            if command:
                source = f"{inbound.channel}:{inbound.update_id}"
                command(Desk(turn, member_id, state, self._understand, source), argument)
            return command is not None
        if expected and words and not inbound.reply_to:
            return self._expected(turn, member_id, expected, words)
        if reading.intent or (not words and inbound.attachment is None):
            return False
        return self._say(turn, member_id, inbound, words, state)

    # -- words to clients

    def _say(self, turn: Turn, member_id: str, inbound: Inbound, words: str, state: State) -> bool:
        """To the client of the case that is answered; to the only one; else ask which. Without a case: to the bot."""
        case_id = self._answered(turn, inbound)
        live = [c for c in turn.uow.cases.list_for_adviser(member_id) if c.accepted_at]
        if case_id is None and not live:
            return False
        if case_id is None and len(live) > 1:
            attachment = inbound.attachment.__dict__ if inbound.attachment else None
            source = relay.source_of(turn.client.id, inbound)
            state[DRAFT] = {"text": words, "attachment": attachment, "source": source}
            self._ask_which(turn, live)
            return True
        source = relay.source_of(turn.client.id, inbound)
        target = case_id if case_id is not None else live[0].id
        relay.say_to_client(
            turn, target, member_id, words, inbound.attachment, channel=inbound.channel, source=source
        )
        turn.silent = True
        return True

    def _answered(self, turn: Turn, inbound: Inbound) -> int | None:
        copy = turn.uow.case_files.find_copy(turn.client.id, inbound.reply_to) if inbound.reply_to else None
        return copy[0] if copy else None

    def _ask_which(self, turn: Turn, live: list[Case]) -> None:
        rows = [
            (Button(f"{c.reference} {turn.library.matter_title(c.matter)}"[:30], f"case:send:{c.id}"),)
            for c in live[:20]
        ]
        turn.replies.append(turn.library.wording.say("utter_which_case", count=len(live)).with_buttons(*rows))

    def _edit(self, turn: Turn, member_id: str, inbound: Inbound) -> bool:
        message = self._own_message(turn, member_id, inbound, inbound.message_id)
        if message is None:
            return False
        if not relay.edit_message(turn, message, inbound):
            turn.say("utter_refused_closed")
        turn.silent = True
        return True

    def _recall(self, turn: Turn, member_id: str, inbound: Inbound) -> bool:
        """撤回 as an answer to one's own message takes it back."""
        message = self._own_message(turn, member_id, inbound, inbound.reply_to)
        done = message is not None and relay.withdraw_message(turn, message)
        turn.say("utter_recalled" if done else "utter_recall_how")
        return True

    def _own_message(self, turn: Turn, member_id: str, inbound: Inbound, message_id: str) -> CaseMessage | None:
        source = f"{turn.client.id}:{message_id}" if message_id else ""
        message = turn.uow.case_files.find_source(inbound.channel, source) if source else None
        return message if message and message.author == member_id else None

    # -- buttons

    def _press(self, turn: Turn, member_id: str, act: str, state: State) -> bool:
        verb, case_id, *rest = [*act.split(":"), ""]
        work = getattr(self, f"_do_{verb}", None)
        if work is None:
            return False  # a button of a client's side: a member can be a client, too
        work(turn, member_id, int(case_id), rest[0], state)
        return True

    def _do_accept(self, turn: Turn, member_id: str, case_id: int, _: str, __: State) -> None:
        handoff.accept_case(turn, case_id, member_id)
        turn.silent = True

    def _do_undo(self, turn: Turn, member_id: str, entry_id: int, _: str, __: State) -> None:
        undo_log(turn, member_id, entry_id)

    def _do_decline(self, turn: Turn, member_id: str, case_id: int, reason: str, _: State) -> None:
        if not reason:
            reasons = {r: f"utter_decline_{r}" for r in handoff.DECLINE_REASONS}
            self._offer(turn, case_id, "decline", "utter_ask_decline_reason", reasons)
            return
        member = handoff.decline_case(turn, case_id, member_id, reason)
        name = turn.library.street.name_of(member.id if member else None)
        turn.say("utter_declined", reference=turn.uow.cases.get(case_id).reference, adviser=name)

    def _offer(self, turn: Turn, case_id: int, verb: str, question: str, titles: dict[str, str]) -> None:
        text = turn.library.wording.text
        rows = [(Button(text(name), f"case:{verb}:{case_id}:{key}"),) for key, name in titles.items()]
        turn.replies.append(turn.library.wording.say(question).with_buttons(*rows))

    def _do_transfer(self, turn: Turn, member_id: str, case_id: int, target: str, _: State) -> None:
        if not target:
            self._offer_colleagues(turn, case_id, "transfer", member_id)
            return
        member = handoff.transfer_case(turn, case_id, member_id, target)
        turn.say("utter_transferred", adviser=member.name)

    def _do_assign(self, turn: Turn, member_id: str, case_id: int, target: str, state: State) -> None:
        if not target:
            self._offer_colleagues(turn, case_id, "assign", "")
            return
        state[EXPECT] = {"act": "assign", "case": case_id, "to": target}
        turn.say("utter_ask_assign_reason")

    def _offer_colleagues(self, turn: Turn, case_id: int, verb: str, but: str) -> None:
        load = turn.uow.cases.count_open_by_adviser()
        rows = [
            (Button(f"{m.name}（在办{load.get(m.id, 0)}件）", f"case:{verb}:{case_id}:{m.id}"),)
            for m in turn.library.street.list_members("adviser")
            if m.id != but and is_reachable(turn, m.id)
        ]
        turn.replies.append(turn.library.wording.say("utter_ask_colleague").with_buttons(*rows))

    def _do_documents(self, turn: Turn, member_id: str, case_id: int, _: str, state: State) -> None:
        handoff.require_own(turn, case_id, member_id)
        state[EXPECT] = {"act": "documents", "case": case_id}
        turn.say("utter_ask_documents")

    def _do_refer(self, turn: Turn, member_id: str, case_id: int, route: str, _: State) -> None:
        if not route:
            routes = {route: f"utter_refer_to_{route}" for route in casework.REFERRALS}
            self._offer(turn, case_id, "refer", "utter_ask_refer_route", routes)
            return
        self._say_closed(turn, casework.refer_case(turn, case_id, member_id, route))

    def _do_to_bot(self, turn: Turn, member_id: str, case_id: int, _: str, __: State) -> None:
        case = casework.return_to_bot(turn, case_id, member_id)
        turn.say("utter_returned_to_bot", reference=case.reference)

    def _do_close(self, turn: Turn, member_id: str, case_id: int, outcome: str, _: State) -> None:
        if not outcome:
            handoff.require_own(turn, case_id, member_id)
            codes = [code for code in turn.library.outcomes.values() if code.offered]
            rows = [(Button(code.title, f"case:close:{case_id}:{code.code}"),) for code in codes]
            turn.replies.append(turn.library.wording.say("utter_ask_outcome").with_buttons(*rows))
            return
        self._say_closed(turn, casework.close_case(turn, case_id, member_id, outcome))

    def _say_closed(self, turn: Turn, case: Case) -> None:
        outcome = turn.library.outcomes[case.outcome or ""]
        turn.say("utter_closed", reference=case.reference, outcome=outcome.title)
        if case.client_id and turn.uow.answers.list_given(case.client_id):
            self._offer(turn, case.id, "grade", "utter_ask_bot_grade", {grade: f"utter_bot_grade_{grade}" for grade in BOT_GRADES})

    def _do_grade(self, turn: Turn, member_id: str, case_id: int, grade: str, _: State) -> None:
        casework.grade_bot(turn, case_id, member_id, grade)
        turn.say("utter_bot_graded")

    def _do_send(self, turn: Turn, member_id: str, case_id: int, _: str, state: State) -> None:
        """The case was chosen that a draft is for."""
        draft = state.pop(DRAFT, None)
        if draft is None:
            turn.say("utter_stale_button")
            return
        attachment = Attachment(**draft["attachment"]) if draft["attachment"] else None
        relay.say_to_client(
            turn, case_id, member_id, draft["text"], attachment, channel=turn.client.channel, source=draft["source"]
        )
        turn.say("utter_sent_to", reference=turn.uow.cases.get(case_id).reference)

    def _do_faq(self, turn: Turn, member_id: str, case_id: int, number: str, state: State) -> None:
        """A canned reply was chosen: an answer of the knowledge goes to the client under the adviser's name."""
        entries = state.get("faq") or []
        entry = turn.library.entries[entries[int(number)]]
        steps = "\n".join(f"{i}. {step}" for i, step in enumerate(entry.steps, 1))
        basis = "；".join(str(citation) for citation in entry.basis)
        text = turn.library.wording.text(
            "utter_canned", title=entry.title, answer=entry.answer.strip(), steps=steps, basis=basis
        )
        relay.say_to_client(turn, case_id, member_id, text)
        turn.say("utter_sent_to", reference=turn.uow.cases.get(case_id).reference)

    def _do_card(self, turn: Turn, member_id: str, case_id: int, _: str, __: State) -> None:
        """The card again, from /cases."""
        case, _member = handoff.require_case(turn, case_id, member_id)
        if case.adviser_id != member_id:
            raise RuleBroken("another's case", code="not_yours")
        turn.replies.append(render_card(turn, case).with_buttons(*case_buttons(turn, case, card_acts(case))))

    # -- words that were asked for

    def _expected(self, turn: Turn, member_id: str, expected: dict[str, Any], words: str) -> bool:
        case_id = int(expected["case"])
        reference = turn.uow.cases.get(case_id).reference
        if expected["act"] == "documents":
            casework.ask_documents(turn, case_id, member_id, words)
            turn.say("utter_sent_to", reference=reference)
        else:
            member = handoff.assign_case(turn, case_id, member_id, expected["to"], words)
            turn.say("utter_transferred", adviser=member.name)
        return True


