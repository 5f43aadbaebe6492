"""Emergencies: when somebody must be called before anything else is said."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Emergency:
    """One kind of emergency.

    Args:
        kind, title: id and Chinese name.  numbers: (number, what for), the first to call first.
        say: number first, then the next safe step.  steps: what next.
        urgent, calm: regular expressions over the normalised text; urgent unless calm.
    """

    kind: str
    title: str
    numbers: tuple[tuple[str, str], ...]
    say: str
    steps: tuple[str, ...]
    urgent: tuple[str, ...] = ()
    calm: tuple[str, ...] = ()
