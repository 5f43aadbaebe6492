"""The application as it is filled in: kept as a draft after every answer, so that it can be left and resumed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from bot.domain.amounts import parse_amount
from bot.domain.disputes import dispute_name
from bot.domain.mediation import Content, Person
from bot.domain.messages import Attachment, Button, Reply
from bot.domain.phones import read_phone
from bot.services.turn import Turn

DRAFT = "mediation"
PREFIX = "mediation_"
FIELDS = ("kind", "name", "phone", "respondent", "contact", "facts", "claim", "amount", "evidence")
UNKNOWN = "unknown"  # an answer, too
MOST_PHOTOS = 9
SHOWN = 200  # characters of an answer on the check page


def find_answers(turn: Turn) -> dict[str, str]:
    """What the client has answered so far, by field; empty without a draft."""
    draft = turn.uow.drafts.find(turn.client.id, DRAFT) or {}
    return {field: str(value) for field, value in draft.get("answers", {}).items() if field in FIELDS}


def list_photos(turn: Turn) -> list[Attachment]:
    """The evidence sent so far."""
    draft = turn.uow.drafts.find(turn.client.id, DRAFT) or {}
    return [Attachment(**photo) for photo in draft.get("photos", [])]


def save_answers(turn: Turn, slots: Mapping[str, Any]) -> None:
    """Keep the answered slots of the form."""
    answers = {field: slots[PREFIX + field] for field in FIELDS if slots.get(PREFIX + field)}
    if answers:
        _save(turn, answers, list_photos(turn))


def drop_answer(turn: Turn, field: str) -> dict[str, str]:
    """Forget one answer, because it will be given anew; the others."""
    answers = {name: answer for name, answer in find_answers(turn).items() if name != field}
    _save(turn, answers, [] if field == "evidence" else list_photos(turn))
    return answers


def add_photo(turn: Turn, photo: Attachment) -> bool:
    """Keep one more piece of evidence; False when there are MOST_PHOTOS already."""
    photos = list_photos(turn)
    if photo in photos:
        return True
    if len(photos) >= MOST_PHOTOS:
        return False
    _save(turn, find_answers(turn), [*photos, photo])
    return True


def clear_draft(turn: Turn) -> None:
    """The application is sent, or begins anew."""
    turn.uow.drafts.clear(turn.client.id, DRAFT)


def read_content(answers: Mapping[str, str], photos: list[Attachment]) -> Content:
    """The answers as the application."""
    known = {field: "" if answers.get(field) in (None, UNKNOWN) else answers[field] for field in FIELDS}
    phone = read_phone(known["contact"]) or ""
    return Content(
        Person(known["name"], known["phone"]),
        Person(known["respondent"], phone, "" if phone else known["contact"]),
        known["facts"],
        known["claim"],
        parse_amount(known["amount"]),
        tuple(photos),
    )


def check_page(turn: Turn, answers: Mapping[str, str]) -> Reply:
    """All answers on one page, with what sending them means."""
    wording = turn.library.wording
    shown = {field: _show(turn, field, answers.get(field, "")) for field in FIELDS}
    text = wording.text(
        "utter_mediation_check", kind=shown["kind"], name=shown["name"], phone=shown["phone"],
        respondent=shown["respondent"], contact=shown["contact"], facts=shown["facts"], claim=shown["claim"],
        amount=shown["amount"], photos=len(list_photos(turn)),
    )  # fmt: skip
    rows = (("submit", "slot:mediation_check=submit"), ("edit", "slot:mediation_check=edit"), ("cancel", "intent:stop"))
    return Reply(text, tuple((Button(wording.text(f"utter_mediation_button_{n}"), payload),) for n, payload in rows))


def edit_page(turn: Turn) -> Reply:
    """Which answer is to be changed."""
    wording = turn.library.wording
    titles = [(field, wording.text(f"utter_mediation_field_{field}")) for field in FIELDS]
    buttons = [Button(title, f"mediate:edit={field}") for field, title in titles]
    back = Button(wording.text("utter_mediation_button_resume"), "mediate:resume")
    return Reply(wording.text("utter_mediation_edit"), (*(pair(buttons)), (back,)))


def pair(buttons: list[Button]) -> tuple[tuple[Button, ...], ...]:
    """Two buttons a row."""
    return tuple(tuple(buttons[i : i + 2]) for i in range(0, len(buttons), 2))


def _show(turn: Turn, field: str, answer: str) -> str:
    if answer == UNKNOWN:
        return turn.library.wording.text("utter_mediation_unknown")
    if field == "kind":
        return dispute_name(answer)
    return answer if len(answer) <= SHOWN else f"{answer[:SHOWN]}…"


def _save(turn: Turn, answers: Mapping[str, str], photos: list[Attachment]) -> None:
    content = {"answers": dict(answers), "photos": [asdict(photo) for photo in photos]}
    turn.uow.drafts.save(turn.client.id, DRAFT, content, turn.now)
