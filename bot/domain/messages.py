"""The one neutral message type: what comes from any channel and what goes back."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime

# Kinds of attachment that channels report in Inbound.file.
FILE_KINDS = ("photo", "voice", "video", "sticker", "document", "location", "contact", "other")


def clean_text(text: str) -> str:
    """Drop what no database or platform can carry: lone surrogates, NUL and other control characters."""
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cs", "Cc"))


@dataclass(frozen=True)
class Inbound:
    """One thing a client sent. Exactly one of `text`, `choice` and `file` is set.

    Args:
        channel: "telegram", "webchat" or "terminal".
        update_id: the platform's id of this update; (channel, update_id) is the key of everything the turn writes.
        client_key: who wrote, in the channel's own terms (chat id, cookie identity).
        text: what was typed, cleaned.
        choice: the signed payload of a pressed button.
        file: one of FILE_KINDS, when something other than text was sent.
        sent_at: when it was sent, aware.
        edited: the client changed an earlier message.
    """

    channel: str
    update_id: str
    client_key: str
    sent_at: datetime
    text: str | None = None
    choice: str | None = None
    file: str | None = None
    edited: bool = False

    def __post_init__(self) -> None:
        if sum(part is not None for part in (self.text, self.choice, self.file)) != 1:
            raise ValueError("an Inbound carries exactly one of text, choice and file")
        for part in ("text", "choice"):
            if getattr(self, part) is not None:
                object.__setattr__(self, part, clean_text(getattr(self, part)))
        if self.choice is not None:
            object.__setattr__(self, "choice", clean_text(self.choice))
        if self.file is not None and self.file not in FILE_KINDS:
            object.__setattr__(self, "file", "other")


@dataclass(frozen=True)
class Button:
    """A choice under a reply. `payload` is "verb:argument"; `url` opens a page or dials instead."""

    title: str
    payload: str = ""
    url: str = ""


@dataclass(frozen=True)
class Reply:
    """One message to a client: plain text (no markup) and rows of buttons."""

    text: str
    buttons: tuple[tuple[Button, ...], ...] = ()

    def with_payloads(self, change: object) -> Reply:
        """The same reply with `change(payload)` applied to every button that has a payload."""
        assert callable(change)
        rows = tuple(
            tuple(replace(b, payload=change(b.payload)) if b.payload else b for b in row) for row in self.buttons
        )
        return replace(self, buttons=rows)


@dataclass(frozen=True)
class Outgoing:
    """A reply in the outbox, on its way.

    Args:
        id: outbox id, ascending in the order of sending per address; clients drop ids they have seen.
        channel: which channel delivers it.
        client_key: where to, in the channel's own terms.
        reply: what to deliver.
        in_reply_to: update id of the message it answers, or "" when falin speaks first.
        attempts: how often delivery was tried and failed.
    """

    id: int
    channel: str
    client_key: str
    reply: Reply
    in_reply_to: str = ""
    attempts: int = 0
