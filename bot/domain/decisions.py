"""What falin decides about one message."""

from __future__ import annotations

from dataclasses import dataclass

DECISIONS = ("answer", "clarify", "refer", "crisis", "service", "smalltalk", "out_of_scope")


@dataclass(frozen=True)
class Candidate:
    """A knowledge entry that may answer, with the calibrated probability (0..1) that it does."""

    entry: str
    confidence: float


@dataclass(frozen=True)
class StatuteHit:
    """An article that a question may turn on. Args: article: number, and 1 for 之一.  score: only the order matters."""

    law: str
    article: tuple[int, int]
    score: float


@dataclass(frozen=True)
class Understanding:
    """The one decision per message, in the order crisis → service → legal question → small talk → out of scope.

    Args:
        decision: one of DECISIONS.
        intent: the Rasa intent it maps to.
        matter: matter id, or None when the message is no legal question.
        confidence: calibrated probability that the first candidate names the article that decides.
        candidates: best entries first; what a clarify offers.
        service: which service was asked for, when decision is "service".
        crisis: which kind of emergency, when decision is "crisis".
        statutes: articles it may turn on, best first; empty without law texts.
        matter_likely: whether the matter is likely enough to be told to a resident whom no entry answers.
    """

    decision: str
    intent: str
    matter: str | None = None
    confidence: float = 0.0
    candidates: tuple[Candidate, ...] = ()
    service: str | None = None
    crisis: str | None = None
    statutes: tuple[StatuteHit, ...] = ()
    matter_likely: bool = True
