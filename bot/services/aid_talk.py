"""What falin tells an applicant for legal aid: result, papers, the last look, what happens next, where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain.aid_applications import AidApplication
from bot.domain.legal_aid import NONE, AidAnswers, Note, precheck
from bot.domain.messages import Button, Reply
from bot.services.aid_draft import AidDraft
from bot.services.aid_office import OFFICE_ROLES, aid_matter_title, say_promise
from bot.services.assigning import is_reachable
from bot.services.legal_aid import legal_matter_of, list_aid_lines, list_photo_papers, precheck_aid
from bot.services.turn import Turn

SHOWN_FACTS = 300  # characters of the facts on the last page


@dataclass(frozen=True)
class About:
    """What an adviser should know who is called from here. Args: matter: id of matters.yml."""

    question: str
    matter: str


def say_result(turn: Turn, answers: AidAnswers) -> About:
    """The result of the pre-check with its reasons, and count it."""
    wording, found = turn.library.wording, precheck_aid(turn, answers)
    lines = [wording.text(f"utter_aid_result_{found.result}")]
    if found.urgent:
        lines.append(wording.text("utter_aid_urgent", says=found.urgent.says, basis=cite(found.urgent)))
    lines += [
        wording.text(f"utter_aid_reason_{r.verdict}", says=r.note.says, basis=cite(r.note)) for r in found.reasons
    ]
    lines += [wording.text("utter_aid_where", says=note.says, basis=cite(note)) for note in found.where]
    turn.say("utter_ask_aid_step", found="\n".join(lines))
    title = aid_matter_title(turn, answers.matter)
    return About(wording.text("utter_aid_question", matter=title), legal_matter_of(turn, answers.matter))


def list_paper_lines(turn: Turn, answers: AidAnswers) -> str:
    """The papers to bring, one a line."""
    papers = precheck(answers, turn.library.legal_aid).papers
    return "\n".join(
        turn.library.wording.text("utter_aid_paper_line", paper=p.title, says=p.note.says, basis=cite(p.note))
        for p in papers
    )


def say_check(turn: Turn, answers: AidAnswers, words: Mapping[str, str], draft: AidDraft) -> None:
    """Everything once more, before it is submitted."""
    wording, labels = turn.library.wording, turn.library.legal_aid.labels
    papers = [(p.title, draft.count_photos(p.id)) for p in list_photo_papers(turn, answers)]
    there = "、".join(wording.text("utter_aid_photos", paper=title, count=count) for title, count in papers if count)
    facts = words["aid_facts"]
    turn.say(
        "utter_ask_aid_confirm",
        matter=aid_matter_title(turn, answers.matter),
        name=words["aid_name"],
        person_phone=words["aid_phone"],
        other=labels["none"] if words["aid_other"] == NONE else words["aid_other"],
        facts=facts if len(facts) <= SHOWN_FACTS else facts[:SHOWN_FACTS] + "……",
        photos=there or labels["none"],
    )


def say_applied(turn: Turn, application: AidApplication, *, new: bool) -> None:
    """Who acts next and by when."""
    if not new:
        turn.say("utter_aid_already", reference=application.reference)
        return
    papers = {p.id: p.title for p in list_photo_papers(turn, application.answers)}
    missing = "、".join(papers[paper] for paper in application.list_missing(papers))
    office = turn.library.street.list_members(*OFFICE_ROLES)
    seen = any(is_reachable(turn, member.id) for member in office)
    turn.say(
        "utter_aid_applied" if seen else "utter_aid_applied_unseen",
        reference=application.reference,
        promise=say_promise(turn, application),
        missing=turn.library.wording.text("utter_aid_missing", missing=missing) if missing else "",
    )


def say_aid_status(turn: Turn) -> bool:
    """Where each application stands, with a way to withdraw it; False when there is none."""
    lines = list_aid_lines(turn, turn.client.id)
    if not lines:
        return False
    wording = turn.library.wording
    reply = wording.say("utter_aid_status", lines="\n".join(lines))
    rows = tuple(
        (Button(wording.text("utter_aid_withdraw"), f"aid:withdraw={application.reference}"),)
        for application in turn.uow.aid_applications.list_for_client(turn.client.id)
        if application.open
    )
    turn.replies.append(Reply(reply.text, (*rows, *reply.buttons)))
    return True


def ask_withdrawal(turn: Turn, reference: str) -> None:
    """Withdrawing is asked back: a finger slips."""
    wording = turn.library.wording
    reply = wording.say("utter_aid_confirm_withdraw", reference=reference)
    confirm = Button(wording.text("utter_aid_withdraw_yes"), f"aid:withdraw_yes={reference}")
    turn.replies.append(Reply(reply.text, ((confirm,), *reply.buttons)))


def cite(note: Note) -> str:
    """The articles of a note; a law's name is said once."""
    shown: list[str] = []
    law = ""
    for basis in note.basis:
        title, _, article = basis.partition("》")
        shown.append(article if title == law else basis)
        law = title
    return "、".join(shown)
