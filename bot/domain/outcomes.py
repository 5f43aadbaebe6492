"""Outcome codes: how a case ended, and who acts next. A closed list, as data (nlu_data/outcomes.yml)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """One way for a case to end.

    Args:
        code: permanent, stands in the ledger.  title: Chinese, on the button.  use: when to choose it.
        next: what the client does, or waits for, now.  next_action_by: client, adviser, mediator, office, nobody.
        human: a person has helped, so it counts as an adviser's consultation.
        offered: whether the adviser may choose it; the others falin sets by itself.
    """

    code: str
    title: str
    use: str
    next: str
    next_action_by: str
    human: bool = True
    offered: bool = True
