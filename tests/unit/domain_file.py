"""domain.yml and the stories as plain data."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import yaml

from tests.builders import PROJECT


@lru_cache(maxsize=1)
def domain() -> dict[str, Any]:
    return yaml.safe_load((PROJECT / "domain.yml").read_text(encoding="utf-8"))


def story_actions() -> set[str]:
    """Every action that a rule or story takes."""
    found = set()
    for path in (PROJECT / "stories").glob("*.yml"):
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        for block in (*data.get("rules", ()), *data.get("stories", ())):
            found |= {step["action"] for step in block["steps"] if "action" in step}
    return found
