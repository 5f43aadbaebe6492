"""Long answers in several messages: Telegram takes 4,096 UTF-16 units at a time."""

from __future__ import annotations

from collections.abc import Callable

# UTF-16 units a message, with some room below Telegram's own limit.
LIMIT = 4_000
CAPTION = 1_000  # the same for the words below a file
SENTENCE_ENDS = "。！？；!?;"


def count_units(text: str) -> int:
    """Length as Telegram counts it: characters outside the basic plane (emoji, rare Han) are two."""
    return len(text.encode("utf-16-le")) // 2


def split_text(text: str, limit: int = LIMIT) -> list[str]:
    """Parts of at most `limit` units, cut after a paragraph, else a line, else a sentence, else anywhere.

    Blank edges of a part are dropped, nothing else; a blank text has no parts.
    """
    parts = []
    rest = text.strip()
    while count_units(rest) > limit:
        cut = _find_cut(_fitting(rest, limit))
        parts.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*parts, rest] if rest else parts


def split_caption(text: str) -> tuple[list[str], str]:
    """What goes before a file, in messages, and what goes below it: the end of the text, "" if there is none."""
    *before, last = split_text(text) or [""]
    caption = (split_text(last, CAPTION) or [""])[-1]
    rest = last[: len(last) - len(caption)].rstrip()
    return [*before, *([rest] if rest else [])], caption


def _fitting(text: str, limit: int) -> str:
    """The longest beginning of `text` that fits; whole characters, so never half a surrogate pair."""
    units = 0
    for index, char in enumerate(text):
        units += 2 if ord(char) > 0xFFFF else 1
        if units > limit:
            return text[:index]
    return text


def _find_cut(head: str) -> int:
    boundaries: tuple[Callable[[], int], ...] = (
        lambda: head.rfind("\n\n"),
        lambda: head.rfind("\n"),
        lambda: max(head.rfind(end) for end in SENTENCE_ENDS) + 1,
    )
    return next((cut for find in boundaries if (cut := find()) > 0), len(head))
