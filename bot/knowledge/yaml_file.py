"""YAML that people write, read fast and with line numbers for the errors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from bot.domain.errors import ConfigError
from bot.garbage import no_search_for_garbage

Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
TEXT = "tag:yaml.org,2002:str"


class _LineLoader(Loader):  # type: ignore[misc]
    """Marks each mapping with the line it begins on, under the key "__line__"."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        if node.tag == TEXT and isinstance(node, yaml.ScalarNode):
            return node.value  # most of a file: the way round through the constructors takes five times as long
        return super().construct_object(node, deep=deep)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key_node, _ in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise yaml.MarkedYAMLError(problem="a key must be a word", problem_mark=key_node.start_mark)
            if key_node.value in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"the key “{key_node.value}” stands twice", problem_mark=key_node.start_mark
                )
            seen.add(key_node.value)
        mapping: dict[Any, Any] = super().construct_mapping(node, deep=deep)
        mapping["__line__"] = node.start_mark.line + 1
        return mapping


class _TextLoader(_LineLoader):
    """Reads every value as text: 023001234 stays a phone number instead of becoming an octal number."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012  PyYAML's own interface


def _construct_day(loader: Any, node: yaml.ScalarNode) -> Any:
    try:
        return loader.construct_yaml_timestamp(node)
    except ValueError as error:  # 2026-02-30
        raise yaml.MarkedYAMLError(problem=f"{node.value}: {error}", problem_mark=node.start_mark) from None


_LineLoader.add_constructor("tag:yaml.org,2002:timestamp", _construct_day)


def load_yaml(path: Path, *, as_text: bool = False) -> Any:
    """The content of a YAML file; mappings carry "__line__".

    Args:
        as_text: leave numbers, dates and yes or no as they are written.

    Raises:
        ConfigError: the file is missing, not UTF-8 or not YAML; names file and line.
    """
    try:
        with no_search_for_garbage():
            return yaml.load(path.read_text(encoding="utf-8"), Loader=_TextLoader if as_text else _LineLoader)
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


def load_rows(path: Path) -> list[Any]:
    """The items of a YAML file that is a list; an empty file has none.

    Raises:
        ConfigError: as load_yaml, or the file is no list.
    """
    data = load_yaml(path)
    if not isinstance(data or [], list):
        raise ConfigError("the file must be a list", "begin each item with “- ”", file=path, line=1)
    return data or []
