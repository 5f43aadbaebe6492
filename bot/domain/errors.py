"""One error tree. Every error says what is wrong and what to do about it."""

from __future__ import annotations


class FalinError(Exception):
    """Base of all errors that falin raises on purpose.

    Args:
        message: what is wrong, in one sentence, for the person who can mend it.
        remedy: what to do now; empty when the message says it all.
    """

    exit_code = 1

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message}\n→ {self.remedy}" if self.remedy else self.message


class ConfigError(FalinError):
    """A file or setting that people write is malformed; names the file and line."""

    exit_code = 2

    def __init__(self, message: str, remedy: str = "", *, file: object = None, line: int | None = None) -> None:
        where = "" if file is None else f"{file}:{line}: " if line else f"{file}: "
        super().__init__(where + message, remedy)


class NotReady(FalinError):
    """Something must be installed, initialised or trained first."""

    exit_code = 3


class NotFound(FalinError):
    """What was named does not exist."""


class NoRoom(FalinError):
    """There is no room for another file: on the disk, or for this client."""


class Collision(FalinError):
    """Two transactions wanted the same things in different order and this one was undone: do it again."""


class RuleBroken(FalinError):
    """A rule of the domain forbids this. Args: code: names the sentence utter_refused_<code> of domain.yml."""

    def __init__(self, message: str, remedy: str = "", *, code: str = "") -> None:
        super().__init__(message, remedy)
        self.code = code
