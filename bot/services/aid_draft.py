"""What somebody has filled in of the legal-aid form: kept for the next days once they are registered."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from bot.domain.aid_applications import PaperPhoto
from bot.domain.messages import Attachment
from bot.services.turn import Turn

KIND = "legal_aid"


@dataclass
class AidDraft:
    """Args: slots: answers by slot.  photos: so far.  papers_done: those that were photographed or put off."""

    slots: dict[str, Any] = field(default_factory=dict)
    photos: list[PaperPhoto] = field(default_factory=list)
    papers_done: list[str] = field(default_factory=list)

    def add_photo(self, paper: str, attachment: Attachment) -> None:
        """One more photo of a paper."""
        self.photos.append(PaperPhoto(paper, attachment))

    def count_photos(self, paper: str) -> int:
        """How many photos of it there are."""
        return sum(photo.paper == paper for photo in self.photos)


def find_draft(turn: Turn) -> AidDraft:
    """The client's draft; an empty one when nothing was begun."""
    found = turn.uow.drafts.find(turn.client.id, KIND) or {}
    photos = [PaperPhoto(p["paper"], Attachment(**p["attachment"])) for p in found.get("photos", ())]
    return AidDraft(found.get("slots", {}), photos, found.get("papers_done", []))


def save_draft(turn: Turn, draft: AidDraft) -> None:
    """Keep it. Nothing is kept of somebody who has not consented: then the conversation has it, for a day."""
    if turn.client.registered:
        content = {
            "slots": draft.slots,
            "photos": [asdict(photo) for photo in draft.photos],
            "papers_done": draft.papers_done,
        }
        turn.uow.drafts.save(turn.client.id, KIND, content, turn.now)


def clear_draft(turn: Turn) -> None:
    """It was submitted, or is begun anew."""
    turn.uow.drafts.clear(turn.client.id, KIND)
