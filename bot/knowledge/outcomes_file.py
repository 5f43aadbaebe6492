"""outcomes.yml: the closed list of outcome codes."""

from __future__ import annotations

import re
from pathlib import Path

from bot.domain.errors import ConfigError
from bot.domain.outcomes import Outcome
from bot.knowledge.yaml_file import load_yaml

ACTORS = ("client", "adviser", "mediator", "office", "nobody")


def load_outcomes(path: Path) -> dict[str, Outcome]:
    """The outcome codes, in the order they are offered.

    Raises:
        ConfigError: a code is malformed or stands twice, or something is missing; names file and line.
    """
    data = load_yaml(path)
    rows = data.get("outcomes") if isinstance(data, dict) else None
    if not isinstance(rows, list) or not rows:
        raise ConfigError("“outcomes:” must be a list", "put the file back", file=path)
    found: dict[str, Outcome] = {}
    for row in rows:
        line = row.pop("__line__", None) if isinstance(row, dict) else None
        try:
            outcome = Outcome(**row)
        except TypeError:
            raise ConfigError(
                "an outcome is malformed", "it needs code, title, use, next, next_action_by", file=path, line=line
            ) from None
        if not re.fullmatch(r"[a-z][a-z_]{0,20}", outcome.code) or outcome.code in found:
            raise ConfigError(f"the code “{outcome.code}” cannot be used", "write each once, like to_court", file=path, line=line)
        if outcome.next_action_by not in ACTORS:
            raise ConfigError(f"“{outcome.next_action_by}” cannot act next", f"choose of {', '.join(ACTORS)}", file=path, line=line)
        found[outcome.code] = outcome
    return found
