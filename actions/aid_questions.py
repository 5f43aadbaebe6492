"""The questions of the legal-aid form: one action asks all of them, because which comes next depends on the answers.

What is filled in is kept as a draft after each answer, so that it can be gone on with days later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet

from bot.domain.aid_applications import MAX_PHOTOS, read_name, read_phone
from bot.domain.legal_aid import NONE, SIDES, UNKNOWN, AidAnswers, asks_means, find_exemption
from bot.domain.messages import FILE, Button, Reply
from bot.services.aid_draft import AidDraft, find_draft, save_draft
from bot.services.aid_talk import list_paper_lines, say_check, say_result
from bot.services.legal_aid import list_photo_papers
from bot.services.turn import Turn

Events = list[dict[str, Any]]
Slots = dict[str, str | None]
CHECK_SLOTS = ("aid_side", "aid_matter", "aid_for", "aid_lawyer", "aid_exempt", "aid_income", "aid_urgent")
APPLY_SLOTS = ("aid_step", "aid_name", "aid_phone", "aid_other", "aid_facts", "aid_paper", "aid_confirm")
AID_SLOTS = (*CHECK_SLOTS, *APPLY_SLOTS)
# What can be changed on the last page.
CHANGEABLE = ("aid_name", "aid_phone", "aid_other", "aid_facts")
FIRST_PAGE = 8  # matters: a phone shows no more at once
MORE, NEXT, DONE, LIST = "more", "next", "done", "list"
MAX_OTHER, MIN_FACTS = 60, 5  # characters
UNKNOWN_WORDS = ("不知道", "不清楚", "不晓得", "说不清", "不懂", "不好说")
YES_WORDS = {"yes": ("是", "是的", "请了", "有", "提交", "对", "没问题"), "no": ("没有", "没得", "没请", "不是", "否")}


def ask_aid(turn: Turn, tracker: Tracker) -> Events:
    """Ask what is to be asked next; questions that do not matter for this case are filled in and passed over."""
    before = {name: tracker.slots.get(name) for name in AID_SLOTS}
    draft = find_draft(turn)
    slots, note = _settle(turn, {**before, **_told_in_distress(turn, tracker)}, draft)
    wanted = next((name for name in AID_SLOTS if slots[name] is None), None)
    if wanted == "aid_name" and not turn.client.registered:
        wanted = None  # the form ends here; it goes on after registration
    draft.slots = {name: value for name, value in slots.items() if value and name not in ("aid_paper", "aid_confirm")}
    save_draft(turn, draft)
    changed: Events = [SlotSet(name, slots[name]) for name in AID_SLOTS if slots[name] != before[name]]
    if wanted:
        changed += _ask(turn, wanted, slots, draft, note)
    # Set even to what it was: Rasa takes the last one for the question asked, None for the end of the form.
    return [*changed, SlotSet("requested_slot", wanted)]


def _told_in_distress(turn: Turn, tracker: Tracker) -> Slots:
    """Facts that sound like an emergency get the emergency's answer first, but they are the facts all the same."""
    urgent = turn.understanding is not None and turn.understanding.decision == "crisis"
    asked = tracker.slots.get("requested_slot") == "aid_facts" and not tracker.slots.get("aid_facts")
    return {"aid_facts": read_facts(turn, turn.text)} if urgent and asked else {}


def answers_of(slots: Slots) -> AidAnswers:
    """The slots of the pre-check as the domain knows them."""
    values = [slots.get(name) or UNKNOWN for name in CHECK_SLOTS]
    side, matter, applicant, lawyer, exempt, income, urgent = values
    return AidAnswers(side, matter, applicant, lawyer, exempt, income, urgent)


def _settle(turn: Turn, slots: Slots, draft: AidDraft) -> tuple[Slots, str]:
    """Fill in what follows from the answers, take back what no longer fits; the second value: what to say differently."""
    rules, note = turn.library.legal_aid, ""
    if slots["aid_matter"] == MORE:
        slots["aid_matter"], note = None, MORE
    if slots["aid_side"] == UNKNOWN:
        slots["aid_matter"] = UNKNOWN
    matter = rules.matters.get(slots["aid_matter"] or "")
    if matter and slots["aid_side"] and matter.side != slots["aid_side"]:
        same = [m.id for m in rules.list_matters(slots["aid_side"]) if m.title == matter.title]
        slots["aid_matter"] = same[0] if same else None
    if slots["aid_matter"] and not asks_means(answers_of(slots), rules):
        slots["aid_exempt"], slots["aid_income"] = NONE, UNKNOWN
    elif slots["aid_exempt"] and find_exemption(answers_of(slots), rules):
        slots["aid_income"] = slots["aid_income"] or UNKNOWN
    if slots["aid_step"] == LIST:
        slots["aid_step"], note = None, LIST
    slots["aid_confirm"] = None  # only what was pressed under the last page counts
    if slots["aid_facts"] and slots["aid_step"] and turn.client.registered:
        note = _settle_papers(turn, slots, draft) or note
    return slots, note


def _settle_papers(turn: Turn, slots: Slots, draft: AidDraft) -> str:
    """Take the photo that just came, or go to the next paper; DONE when there is no other."""
    papers = [paper.id for paper in list_photo_papers(turn, answers_of(slots))]
    left = [paper for paper in papers if paper not in draft.papers_done]
    note, said = "", slots["aid_paper"]
    if left and said == FILE and turn.attachment:
        note = "full" if len(draft.photos) >= MAX_PHOTOS else "more"
        if note == "more":
            draft.add_photo(left[0], turn.attachment)
    elif left and said == NEXT:
        draft.papers_done.append(left.pop(0))
    slots["aid_paper"] = None if left else DONE
    return note


def _ask(turn: Turn, slot: str, slots: Slots, draft: AidDraft, note: str) -> Events:
    """Say one question; the events it brings along."""
    rules = turn.library.legal_aid
    if slot == "aid_matter":
        _ask_matter(turn, slots["aid_side"] or "", more=note == MORE)
    elif slot == "aid_exempt":
        _ask_choice(turn, "utter_ask_aid_exempt", slot, rules.exemptions.values())
    elif slot == "aid_income":
        _ask_choice(turn, "utter_ask_aid_income", slot, rules.incomes.values())
    elif slot == "aid_urgent":
        side = slots["aid_side"]
        fitting = [u for u in rules.urgencies.values() if side == UNKNOWN or side in u.sides]
        _ask_choice(turn, "utter_ask_aid_urgent", slot, fitting)
    elif slot == "aid_step":
        return _ask_step(turn, slots, note)
    elif slot == "aid_paper":
        _ask_paper(turn, slots, draft, note)
    elif slot == "aid_confirm":
        say_check(turn, answers_of(slots), {name: slots[name] or "" for name in CHANGEABLE}, draft)
    else:
        turn.say(PLAIN[slot])
    return []


# Questions that are the same for everybody.
PLAIN = {
    "aid_side": "utter_ask_aid_side",
    "aid_for": "utter_ask_aid_for",
    "aid_lawyer": "utter_ask_aid_lawyer",
    "aid_name": "utter_ask_aid_name",
    "aid_phone": "utter_ask_aid_phone",
    "aid_other": "utter_ask_aid_other",
    "aid_facts": "utter_ask_aid_facts",
}


def _ask_choice(turn: Turn, name: str, slot: str, choices: Iterable[Any]) -> None:
    """A question with a button for each choice before its own ones."""
    question = turn.library.wording.say(name)
    rows = tuple((Button(choice.title, f"slot:{slot}={choice.id}"),) for choice in choices)
    turn.replies.append(Reply(question.text, (*rows, *question.buttons)))


def _ask_matter(turn: Turn, side: str, *, more: bool) -> None:
    matters = turn.library.legal_aid.list_matters(side)
    shown = matters[FIRST_PAGE:] if more else matters[:FIRST_PAGE]
    question = turn.library.wording.say(f"utter_ask_aid_matter_{side}")
    rows = tuple((Button(matter.title, f"slot:aid_matter={matter.id}"),) for matter in shown)
    if len(matters) > FIRST_PAGE and not more:
        rows = (*rows, (Button(turn.library.wording.text("utter_aid_more"), f"slot:aid_matter={MORE}"),))
    turn.replies.append(Reply(question.text, (*rows, *question.buttons)))


def _ask_step(turn: Turn, slots: Slots, note: str) -> Events:
    """The result; or, when the list of papers was asked for, that."""
    answers = answers_of(slots)
    if note == LIST:
        turn.say("utter_aid_papers", papers=list_paper_lines(turn, answers))
        return []
    about = say_result(turn, answers)
    # For the adviser, should one be called from here.
    return [SlotSet("last_question", about.question), SlotSet("last_matter", about.matter)]


def _ask_paper(turn: Turn, slots: Slots, draft: AidDraft, note: str) -> None:
    papers = list_photo_papers(turn, answers_of(slots))
    paper = next(p for p in papers if p.id not in draft.papers_done)
    count = draft.count_photos(paper.id)
    if note == "full":
        turn.say("utter_aid_papers_full", limit=MAX_PHOTOS)
    elif count:
        turn.say("utter_ask_aid_paper_more", paper=paper.title, count=count)
    else:
        turn.say("utter_ask_aid_paper", paper=paper.title, says=paper.note.says)


def _is_unknown(said: str) -> bool:
    return said == UNKNOWN or said.strip("。.！! ") in UNKNOWN_WORDS


def _read_listed(listed: Callable[[Turn], Iterable[Any]], *extra: str) -> Callable[[Turn, str], str | None]:
    """A reader for choices by id or title; words of not knowing are an answer, too."""

    def read(turn: Turn, said: str) -> str | None:
        if said in extra:
            return said
        if _is_unknown(said):
            return UNKNOWN
        return next((choice.id for choice in listed(turn) if said in (choice.id, choice.title)), None)

    return read


def _read_words(*allowed: str) -> Callable[[Turn, str], str | None]:
    """A reader for fixed answers by button, and yes or no in a word."""

    def read(turn: Turn, said: str) -> str | None:
        if said in allowed:
            return said
        if UNKNOWN in allowed and _is_unknown(said):
            return UNKNOWN
        plain = said.strip("。.！! ")
        return next((a for a in allowed if plain in YES_WORDS.get(a, ())), None)

    return read


def read_other(turn: Turn, said: str) -> str | None:
    """The other party in any words, but not in a whole story."""
    return NONE if said == NONE or _is_unknown(said) else said if len(said) <= MAX_OTHER else None


def read_facts(turn: Turn, said: str) -> str | None:
    """The facts in any words; a word or two are none."""
    return said if len(said) >= MIN_FACTS and said != FILE else None


AID_READERS: dict[str, Callable[[Turn, str], str | None]] = {
    "aid_side": _read_words(*SIDES, UNKNOWN),
    "aid_matter": _read_listed(lambda turn: turn.library.legal_aid.matters.values(), MORE),
    "aid_for": _read_words("self", "guardian", "relative", UNKNOWN),
    "aid_lawyer": _read_words("yes", "no", UNKNOWN),
    "aid_exempt": _read_listed(lambda turn: turn.library.legal_aid.exemptions.values(), NONE),
    "aid_income": _read_listed(lambda turn: turn.library.legal_aid.incomes.values()),
    "aid_urgent": _read_listed(lambda turn: turn.library.legal_aid.urgencies.values(), NONE),
    "aid_step": _read_words("apply", LIST),
    "aid_name": lambda turn, said: read_name(said),
    "aid_phone": lambda turn, said: read_phone(said),
    "aid_other": read_other,
    "aid_facts": read_facts,
    "aid_paper": _read_words(FILE, NEXT),
    "aid_confirm": _read_words("yes", *CHANGEABLE),
}
