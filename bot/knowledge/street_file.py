"""street.yml: written by falin init, kept by the street's staff."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from bot.domain.errors import ConfigError
from bot.domain.street import Adviser, Community, Street
from bot.knowledge.yaml_file import load_yaml


def load_street(path: Path) -> Street:
    """Read and check street.yml.

    Raises:
        ConfigError: something is missing, unknown or does not fit together; names file and line.
    """
    data = load_yaml(path, as_text=True)
    if not isinstance(data, dict):
        raise ConfigError(
            "street.yml must begin with keys such as “street:”", "run falin init in an empty folder", file=path
        )

    def need(mapping: Any, key: str) -> Any:
        if not isinstance(mapping, dict) or mapping.get(key) in (None, "", []):
            line = mapping.get("__line__") if isinstance(mapping, dict) else None
            raise ConfigError(f"“{key}” is missing", f"add “{key}: …” there", file=path, line=line)
        return mapping[key]

    def rows(key: str) -> list[Any]:
        value = need(data, key)
        if not isinstance(value, list):
            raise ConfigError(
                f"“{key}” must be a list", "begin each item with “- ”", file=path, line=data["__line__"]
            )
        return value

    advisers = tuple(
        Adviser(str(need(row, "id")), str(need(row, "name")), str(row.get("phone") or ""))
        for row in rows("advisers")
    )
    communities = []
    for row in rows("communities"):
        community = Community(
            str(need(row, "id")), str(need(row, "name")), str(need(row, "adviser")), str(row.get("address") or "")
        )
        if not re.fullmatch(r"[a-z][a-z0-9_-]{0,30}", community.id):
            raise ConfigError(
                f"community id “{community.id}” stands in links",
                "use lower-case letters and digits",
                file=path,
                line=row["__line__"],
            )
        if community.adviser not in {a.id for a in advisers}:
            raise ConfigError(
                f"{community.name}: adviser “{community.adviser}” is not among the advisers",
                "add the adviser, or correct the id",
                file=path,
                line=row["__line__"],
            )
        communities.append(community)
    if len({c.id for c in communities}) < len(communities):
        raise ConfigError("two communities have the same id", "give each its own", file=path)
    hotlines = tuple((str(need(row, "number")), str(need(row, "name"))) for row in rows("hotlines"))
    return Street(
        name=str(need(data, "street")),
        office=str(need(data, "office")),
        phone=str(need(data, "phone")),
        hours=str(need(data, "hours")),
        communities=tuple(communities),
        advisers=advisers,
        hotlines=hotlines,
    )
