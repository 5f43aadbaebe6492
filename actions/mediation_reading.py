"""How the answers to the mediation form are read.

A reader is called twice for typed words: first with the words, to see whether they are an answer, then with what it
returned (as for a button's value), to store it. So what it returns reads as itself. WRONG marks words that were
meant as an answer but cannot be one: said so, and asked again.
"""

from __future__ import annotations

import re

from bot.domain.amounts import find_amount, write_amount
from bot.domain.disputes import DISPUTES, find_dispute
from bot.domain.messages import FILE
from bot.domain.phones import looks_like_phone, read_phone
from bot.services.mediation_form import UNKNOWN, add_photo
from bot.services.turn import Turn

WRONG, PHOTO, DONE = "?", "+photo", "done"
UNKNOWN_WORDS = {"不知道", "不清楚", "不晓得", "不记得", "跳过", "没有", "没得", "不涉及", "说不清", "不好说", UNKNOWN}
DONE_WORDS = {"发完了", "发完", "完了", "好了", "没有", "没得", "没有了", "没有照片", "就这些", "跳过", DONE}
CHECK_WORDS = {
    "submit": ("提交", "确认", "确认提交", "对的", "同意", "没问题", "可以", "submit"),
    "edit": ("修改", "改", "要改", "不对", "有错", "edit"),
}
TALK = re.compile(r"谢谢|你好|您好|再见|怎么|什么|为啥|多久|哪里|吗|[?？!！。]|^(好|好的|是|是的|嗯|不|不是|哦)$")
NAME = re.compile(r"[\u3400-\u9fff·.a-zA-Z ]{2,20}")
SHORT_KIND, LONGEST_NAME, LONGEST_CONTACT, SHORTEST_FACTS, LONGEST = 8, 40, 100, 6, 2_000  # characters


def read_kind(turn: Turn, said: str) -> str | None:
    """One of the kinds of dispute, by button or in a few words."""
    if said in DISPUTES:
        return said
    return find_dispute(said) if len(said) <= SHORT_KIND and not TALK.search(said) else None


def read_name(turn: Turn, said: str) -> str | None:
    """The applicant's name."""
    name = re.sub(r"^我?(叫|是|姓名是)", "", said.strip())
    return name if NAME.fullmatch(name) and not TALK.search(name) else None


def read_own_phone(turn: Turn, said: str) -> str | None:
    """The applicant's number, checked."""
    return _phone(turn, said)


def read_respondent(turn: Turn, said: str) -> str | None:
    """The other side: a name, a firm, or who it is (“楼上3-1的住户”)."""
    if said in UNKNOWN_WORDS:
        return UNKNOWN
    return said if 2 <= len(said) <= LONGEST_NAME and not TALK.search(said) else None


def read_contact(turn: Turn, said: str) -> str | None:
    """How to reach the other side: a number or an address."""
    if said in UNKNOWN_WORDS:
        return UNKNOWN
    if (number := _phone(turn, said)) or looks_like_phone(said) or said.startswith(WRONG):
        return number
    return said if 4 <= len(said) <= LONGEST_CONTACT and not TALK.search(said) else None


def read_facts(turn: Turn, said: str) -> str | None:
    """What happened, in the applicant's words."""
    return _words(turn, said, SHORTEST_FACTS)


def read_claim(turn: Turn, said: str) -> str | None:
    """What the applicant wants."""
    return _words(turn, said, 2)


def read_amount(turn: Turn, said: str) -> str | None:
    """The sum, or that it is not known."""
    if said in UNKNOWN_WORDS:
        return UNKNOWN
    if (fen := find_amount(said)) is not None:
        return write_amount(fen)
    return _wrong(turn, said, "utter_mediation_amount_wrong") if any(c.isdigit() for c in said) else None


def read_evidence(turn: Turn, said: str) -> str | None:
    """A photo is kept and more are asked for, until they are done."""
    if said in DONE_WORDS:
        return DONE
    if turn.attachment is None:
        return None
    if said == PHOTO and not add_photo(turn, turn.attachment):
        turn.say("utter_mediation_photos_full")
    return PHOTO if said == FILE else None


def read_check(turn: Turn, said: str) -> str | None:
    """Send it, or change something."""
    return next((answer for answer, words in CHECK_WORDS.items() if said in words), None)


def _phone(turn: Turn, said: str) -> str | None:
    if number := read_phone(said):
        return number
    wrong = looks_like_phone(said) or said.startswith(WRONG)
    return _wrong(turn, said, "utter_mediation_phone_wrong") if wrong else None


def _words(turn: Turn, said: str, shortest: int) -> str | None:
    said = said.strip()
    if len(said) >= shortest and not said.startswith(WRONG):
        return said[:LONGEST]
    return _wrong(turn, said, "utter_mediation_too_short")


def _wrong(turn: Turn, said: str, response: str) -> str | None:
    """The first time: it was meant as an answer. The second: say what is wrong with it."""
    if not said.startswith(WRONG):
        return f"{WRONG}{said}"
    turn.say(response)
    return None
