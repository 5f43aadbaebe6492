"""nlu_data/lexicon/crisis.yml: kinds of emergency, how they are told, what is said."""

from __future__ import annotations

import re
from pathlib import Path

from bot.domain.emergencies import Emergency
from bot.domain.errors import ConfigError
from bot.knowledge.yaml_file import load_rows


def load_emergencies(path: Path) -> dict[str, Emergency]:
    """Emergencies by kind, in the order in which they are tried.

    Raises:
        ConfigError: malformed, or a pattern is no regular expression; names file and line.
    """
    emergencies = {}
    for row in load_rows(path):
        line = row.get("__line__") if isinstance(row, dict) else None
        try:
            numbers = tuple((str(n["number"]), str(n["for"])) for n in row["numbers"])
            emergency = Emergency(
                row["kind"],
                row["title"],
                numbers,
                row["say"],
                tuple(row["next"]),
                tuple(row["urgent"]),
                tuple(row.get("calm") or ()),
            )
            for pattern in (*emergency.urgent, *emergency.calm):
                re.compile(pattern)
        except re.error as error:
            raise ConfigError(
                f"not a regular expression: {error}", "correct the pattern", file=path, line=line
            ) from None
        except (KeyError, TypeError) as error:
            raise ConfigError(
                f"an emergency needs kind, title, numbers, say, next, urgent ({error})",
                "add what is missing",
                file=path,
                line=line,
            ) from None
        emergencies[emergency.kind] = emergency
    return emergencies
