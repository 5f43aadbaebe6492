"""YAML that people write, read fast and with line numbers for the errors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from bot.domain.errors import ConfigError

Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _LineLoader(Loader):  # type: ignore[misc]
    """Marks each mapping with the line it begins on, under the key "__line__"."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key_node, _ in node.value:
            if key_node.value in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"the key “{key_node.value}” stands twice", problem_mark=key_node.start_mark
                )
            seen.add(key_node.value)
        mapping: dict[Any, Any] = super().construct_mapping(node, deep=deep)
        mapping["__line__"] = node.start_mark.line + 1
        return mapping


def load_yaml(path: Path) -> Any:
    """The content of a YAML file; mappings carry "__line__".

    Raises:
        ConfigError: the file is missing, not UTF-8 or not YAML; names file and line.
    """
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_LineLoader)
    except FileNotFoundError:
        raise ConfigError("the file does not exist", "put it back, or run falin init", file=path) from None
    except UnicodeDecodeError:
        raise ConfigError("the file is not UTF-8 text", "save it as UTF-8", file=path) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "not valid YAML"
        raise ConfigError(
            f"{problem}",
            "check indentation, colons and quotes there",
            file=path,
            line=mark.line + 1 if mark else None,
        ) from None
    except (ValueError, TypeError) as error:  # an impossible date, an unhashable key
        raise ConfigError(f"not valid YAML: {error}", "put such values in quotes", file=path) from None
