"""Applications for legal aid to test with."""

from __future__ import annotations

from functools import lru_cache
from itertools import count
from typing import Any

from bot.bootstrap import LEGAL_AID
from bot.domain.aid_applications import AidApplication, PaperPhoto
from bot.domain.legal_aid import AidAnswers, AidRules
from bot.domain.messages import Attachment
from bot.knowledge.aid_file import load_aid_file
from bot.services.legal_aid import Applicant
from bot.services.turn import Library, Turn
from tests.builders import NOW, make_library, make_registered_turn, make_turn

WAGES = AidAnswers("civil", "wages", "self", "no", "migrant", "unknown", "none")
VIOLENCE = AidAnswers("civil", "violence", "self", "no", "none", "unknown", "none")
APPLICANT = Applicant("王小明", "13800000000", "去年在工地做工，欠我两万元，想要回工钱", "某某建筑公司")
_numbers = count(1)


@lru_cache(maxsize=1)
def aid_rules() -> AidRules:
    return load_aid_file(LEGAL_AID).rules


def aid_library(**changes: Any) -> Library:
    return make_library(legal_aid=aid_rules(), **changes)


def aid_turn(uow: Any = None, *, registered: bool = True, **changes: Any) -> Turn:
    values = {"library": aid_library(), **changes}
    return make_registered_turn(uow, **values) if registered else make_turn(uow, **values)


def make_photo(paper: str = "identity", name: str = "照片.jpg") -> PaperPhoto:
    return PaperPhoto(paper, Attachment("telegram", f"file-{next(_numbers)}", "photo", name, "image/jpeg", 1000))


def make_application(client_id: int, **changes: Any) -> AidApplication:
    values: dict[str, Any] = {
        "id": 0, "reference": f"L26-TEST-{next(_numbers)}", "client_id": client_id, "community": "baima",
        "matter": "wages", "legal_matter": "labour", "result": "likely", "urgent": False, "applied_at": NOW,
        "answers": WAGES, "name": "王小明", "phone": "13800000000", "other_party": "某某建筑公司",
        "facts": "欠我两万元", "photos": [make_photo()],
    }  # fmt: skip
    return AidApplication(**{**values, **changes})
