"""nlu_data/matters.yml: the legal matters and their public topic."""

from __future__ import annotations

from pathlib import Path

from bot.domain.errors import ConfigError
from bot.domain.matters import Matter
from bot.knowledge.yaml_file import load_rows


def load_matters(path: Path) -> dict[str, Matter]:
    """Matters by id.

    Raises:
        ConfigError: malformed; names file and line.
    """
    matters = {}
    for row in load_rows(path):
        try:
            words = tuple(str(word) for word in row.get("words") or ())
            matter = Matter(str(row["id"]), str(row["title"]), str(row["topic"]), words)
        except (KeyError, TypeError, AttributeError) as error:
            line = row.get("__line__") if isinstance(row, dict) else None
            raise ConfigError(
                f"a matter needs id, title and topic ({error})", "add what is missing", file=path, line=line
            ) from None
        matters[matter.id] = matter
    return matters
