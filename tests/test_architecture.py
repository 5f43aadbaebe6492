"""The arrows of the house. The contracts stand in pyproject.toml under [tool.importlinter]."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.builders import PROJECT

# Which parts of the house may import which packages; everything else needs only the standard library.
KNOWN_TO = {
    "telegram": ["bot/channels/telegram"],
    "rasa": ["bot/nlu", "bot/assistant"],
    "rasa_sdk": ["actions", "bot/assistant"],
    "chinese_calendar": ["bot/knowledge/holidays.py"],
    "jieba": ["bot/nlu"],
    "opencc": ["bot/nlu"],
    "numpy": ["bot/nlu", "bot/reports/disclosure.py"],
    "scipy": ["bot/nlu", "bot/reports/disclosure.py"],
    "sklearn": ["bot/nlu"],
    "yaml": ["bot/knowledge"],
    "sqlalchemy": ["bot/storage", "bot/reports", "bot/bootstrap.py", "bot/channels/server.py"],
    "alembic": ["bot/storage"],
    "cryptography": ["bot/storage"],
    "openpyxl": ["bot/reports", "bot/documents/sheets.py"],
    "reportlab": ["bot/documents"],
    "docx": ["bot/documents", "bot/reports/word.py"],
    "starlette": ["bot/channels", "bot/console"],
    "jinja2": ["bot/console", "bot/reports/web_page.py"],
    "matplotlib": ["bot/reports/pictures.py"],
    "markupsafe": ["bot/console"],
    "segno": ["bot/console"],
    "argon2": ["bot/services/credentials.py"],
    "pyotp": ["bot/services/credentials.py"],
    "itsdangerous": ["bot/channels/webchat"],
    "uvicorn": ["bot/cli", "bot/channels/server.py"],
    "click": ["bot/cli"],
    "rich": ["bot/cli", "bot/reports/tables.py"],
}
OWN = {"bot", "actions"}
FILES = [path for folder in sorted(OWN) for path in sorted((PROJECT / folder).rglob("*.py"))]


def imports(path: Path) -> Iterator[str]:
    """Names of the top-level packages a file imports, wherever in the file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield str(node.module).split(".")[0]


def test_no_arrow_points_the_wrong_way() -> None:
    # In a process of its own: import-linter disables all loggers of the one it runs in.
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as lint; lint()", "--no-cache"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


def test_every_package_has_its_place_in_the_layers() -> None:
    text = (PROJECT / "pyproject.toml").read_text(encoding="utf-8")
    layers = text[text.index("layers = [") : text.index("ignore_imports")]
    packages = [folder.parent.name for folder in (PROJECT / "bot").glob("*/__init__.py")]
    assert len(packages) >= 8
    assert [name for name in packages if f"bot.{name}" not in layers] == []


def test_the_domain_imports_only_the_standard_library_and_itself() -> None:
    domain = [path for path in FILES if path.is_relative_to(PROJECT / "bot" / "domain")]
    assert len(domain) >= 8
    for path in domain:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        own = {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert all(name.startswith("bot.domain") for name in own if name.split(".")[0] in OWN), path
        assert set(imports(path)) - OWN <= sys.stdlib_module_names, path


def test_a_package_is_known_only_where_it_belongs() -> None:
    strangers = []
    for path in FILES:
        place = path.relative_to(PROJECT)
        for name in set(imports(path)) - sys.stdlib_module_names - OWN:
            if not any(place.is_relative_to(home) for home in KNOWN_TO.get(name, [])):
                strangers.append(f"{place} imports {name}")
    assert strangers == []


COMMANDS = [
    ["--help"],
    ["init", "--demo", "--yes"],
    ["db", "upgrade"],
    ["knowledge", "check"],
    ["stats"],
    ["cases"],
    ["export", "--year", "2026", "--format", "csv", "--output", "ledger.csv"],
    ["export", "--year", "2026", "--format", "xlsx", "--output", "ledger.xlsx"],
    ["invite", "chen"],
    ["member", "remove", "chen"],
    ["doctor"],
]
RUN_ALL = """
import json, sys
from click.testing import CliRunner
from bot.cli import main
for command in json.loads(sys.argv[1]):
    result = CliRunner().invoke(main, command)
    loaded = [name for name in ("rasa", "tensorflow", "telegram") if name in sys.modules]
    print(json.dumps([command, result.exit_code, repr(result.exception), loaded]))
"""


def test_commands_that_need_no_agent_do_not_load_it(tmp_path: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FALIN_")}
    done = subprocess.run(
        [sys.executable, "-c", RUN_ALL, json.dumps(COMMANDS)],
        cwd=tmp_path,
        env={**kept, "FALIN_HOME": str(tmp_path / "var"), "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    results = [json.loads(line) for line in done.stdout.splitlines()]
    assert [command for command, *_ in results] == COMMANDS
    assert [row for row in results if row[3]] == []
    # Without a model the doctor is not content, and finding misses is what the check is for.
    may_fail = {"doctor": 1, "knowledge": 1}
    assert [row for row in results if row[1] not in (0, may_fail.get(row[0][0], 0))] == []
    assert (tmp_path / "ledger.csv").exists()
    assert (tmp_path / "ledger.xlsx").exists()
