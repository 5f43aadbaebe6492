"""The one neutral message type: what comes from any channel and what goes back."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

# Kinds of attachment that channels report in Inbound.file.
FILE_KINDS = ("photo", "voice", "video", "sticker", "document", "location", "contact", "other")
# Kinds that carry a file which can be passed on to a person.
CARRIED_KINDS = ("photo", "voice", "video", "document")
# What a form's reader is given instead of words when a file came.
FILE = "[file]"
MAX_FILE = 20_000_000  # bytes: what a bot may fetch from Telegram
MAX_PAYLOAD = 54  # bytes of a button's payload: Telegram's 64 less the signature
MAX_NAME = 80  # characters of a file's name


def clean_text(text: str) -> str:
    """Drop what no database or platform can carry: lone surrogates, NUL and other control characters."""
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cs", "Cc"))


def clean_name(name: str) -> str:
    """A file's name as it may be shown and saved: no folders, no line breaks, nothing invisible, not too long.

    Characters of category Cf are dropped, too: some turn the direction of writing, so that "exe" reads as "txt".
    """
    base = re.split(r"[/\\]", name)[-1]
    shown = "".join(c for c in base if unicodedata.category(c) not in ("Cs", "Cc", "Cf", "Zl", "Zp"))
    shown = shown.strip(" .")
    if len(shown) <= MAX_NAME:
        return shown
    stem, dot, ending = shown.rpartition(".")
    if not stem or len(ending) > 8:
        return shown[:MAX_NAME]
    return stem[: MAX_NAME - len(ending) - 1] + dot + ending


@dataclass(frozen=True)
class Attachment:
    """A file somebody sent, by reference: its bytes stay where they are until somebody opens it.

    Args:
        source: "telegram" (ref is Telegram's file id) or "local" (ref names a sealed file of falin's own).
        kind: one of CARRIED_KINDS.  name: as the sender called it, "" if it has none.
        mime: media type, "" if unknown.  size: bytes, 0 if unknown.  caption: what was written beside it.
    """

    source: str
    ref: str
    kind: str
    name: str = ""
    mime: str = ""
    size: int = 0
    caption: str = ""


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
        edited: the client changed an earlier message: the one with the same `message_id`.
        message_id: the platform's id of this message, "" if it has none.
        reply_to: message_id of the message it answers, "" if none.
        attachment: the file itself, when it can be passed on; None for stickers and what is too large.
        too_large: the file is beyond MAX_FILE.
    """

    channel: str
    update_id: str
    client_key: str
    sent_at: datetime
    text: str | None = None
    choice: str | None = None
    file: str | None = None
    edited: bool = False
    message_id: str = ""
    reply_to: str = ""
    attachment: Attachment | None = None
    too_large: bool = False

    def __post_init__(self) -> None:
        if sum(part is not None for part in (self.text, self.choice, self.file)) != 1:
            raise ValueError("an Inbound carries exactly one of text, choice and file")
        for part in ("text", "choice"):
            if getattr(self, part) is not None:
                object.__setattr__(self, part, clean_text(getattr(self, part)))
        if self.file is not None and self.file not in FILE_KINDS:
            object.__setattr__(self, "file", "other")


@dataclass(frozen=True)
class Button:
    """A choice under a reply. `payload` is "verb:argument", at most MAX_PAYLOAD bytes; `url` opens a page or dials."""

    title: str
    payload: str = ""
    url: str = ""


@dataclass(frozen=True)
class Reply:
    """One message to a client: plain text (no markup), rows of buttons, perhaps a file.

    Args:
        replaces: outbox id of an earlier reply that this one takes the place of, text and file (an edit, a withdrawal).
    """

    text: str
    buttons: tuple[tuple[Button, ...], ...] = ()
    attachment: Attachment | None = None
    replaces: int | None = None

    def with_buttons(self, *rows: tuple[Button, ...]) -> Reply:
        """The same reply with these rows of buttons instead of its own."""
        return replace(self, buttons=rows)

    def with_payloads(self, change: Callable[[str], str]) -> Reply:
        """The same reply with `change(payload)` applied to every button that has a payload."""
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
        reply: what to deliver, its buttons signed.
        in_reply_to: update id of the message it answers, or "" when falin speaks first.
        attempts: how often delivery was tried and failed.
        replaces_messages: the platform's ids of the messages that reply.replaces became, in the order of sending;
            empty if it has none.
    """

    id: int
    channel: str
    client_key: str
    reply: Reply
    in_reply_to: str = ""
    attempts: int = 0
    replaces_messages: tuple[str, ...] = ()

    @property
    def replaces_message(self) -> str:
        """The first of replaces_messages, "" if there is none."""
        return self.replaces_messages[0] if self.replaces_messages else ""
