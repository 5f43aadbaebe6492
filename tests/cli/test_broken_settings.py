"""What people get wrong is named with file, line and remedy, never with a traceback."""
from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.agent_home import run_falin

STREET = """\
street: 梨树街道
office: 梨树街道司法所
phone: 023-1
hours: 周一至周五
communities:
  - {id: baima, name: 白马社区, adviser: chen}
advisers:
  - {id: chen, name: 陈律师}
hotlines:
  - {number: 12348, name: 热线}
"""
# name → what is replaced, by what, and what the message must say
BROKEN = {
    "a missing key": ("phone: 023-1\n", "", ["street.yml", "“phone” is missing"]),
    "an adviser nobody knows": ("adviser: chen", "adviser: wang", ["street.yml:6", "“wang” is not among the advisers"]),
    "a community id with capitals": ("id: baima", "id: Baima", ["street.yml:6", "lower-case"]),
    "a community without a name": ("name: 白马社区, ", "", ["street.yml:6", "“name” is missing"]),
    "a list that is none": ("advisers:\n  - {id: chen, name: 陈律师}", "advisers: 陈律师", ["street.yml:1", "must be a list"]),
    "a tab": ("  - {id: chen", "\t- {id: chen", ["street.yml:8", "indentation"]),
    "a quote that is not closed": ("street: 梨树街道", 'street: "梨树街道', ["street.yml:", "quotes"]),
    "a key twice": ("phone: 023-1\n", "phone: 1\nphone: 2\n", ["street.yml:4", "stands twice"]),
    "no mapping at all": (STREET, "只有一句话", ["street.yml", "must begin with keys"]),
    "an empty file": (STREET, "", ["street.yml"]),
}


def assert_clear(done: object, parts: list[str], code: int) -> None:
    assert done.returncode == code, done.stderr  # type: ignore[attr-defined]
    message = done.stderr  # type: ignore[attr-defined]
    assert "Traceback" not in message
    assert message.startswith("falin: ")
    assert "→" in message, f"no remedy: {message}"
    for part in parts:
        assert part in message


@pytest.mark.parametrize("name", BROKEN)
def test_broken_street_file_is_named_with_line_and_remedy(name: str, tmp_path: Path) -> None:
    old, new, parts = BROKEN[name]
    assert old in STREET
    home = tmp_path / "home"
    home.mkdir()
    (home / "street.yml").write_text(STREET.replace(old, new), encoding="utf-8")
    assert_clear(run_falin(home, "init", "--yes"), parts, 2)


def test_street_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "street.yml").write_bytes(STREET.encode("gb18030"))
    assert_clear(run_falin(home, "init", "--yes"), ["street.yml", "UTF-8"], 2)


def test_broken_knowledge_file_is_named_with_line(tmp_path: Path) -> None:
    """The knowledge lies in the project, so a copy of the project is broken."""
    from bot.settings import PROJECT

    copy = tmp_path / "project"
    for part in ("bot", "actions", "nlu_data", "stories"):
        shutil.copytree(PROJECT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("domain.yml", "config.yml"):
        shutil.copy(PROJECT / file, copy / file)
    path = copy / "nlu_data" / "faq" / "broken.yml"
    path.write_text("- id: labour.new\n  title: 新问题\n  ask: [一句]\n", encoding="utf-8")
    done = run_falin(tmp_path / "home", "knowledge", "check", PYTHONPATH=str(copy), cwd=copy)
    assert_clear(done, ["broken.yml:1"], 2)
    path.write_text("- id: labour.new\n  title: [新问题\n", encoding="utf-8")
    done = run_falin(tmp_path / "home", "knowledge", "check", PYTHONPATH=str(copy), cwd=copy)
    assert_clear(done, ["broken.yml:"], 2)


@pytest.mark.parametrize(
    ("setting", "value", "parts", "code"),
    [
        ("FALIN_DATABASE_URL", "nonsense", ["FALIN_DATABASE_URL", "sqlite:///"], 2),
        ("FALIN_DATABASE_URL", "mysql://u:geheim@h/d", ["use SQLite or PostgreSQL"], 2),
        ("FALIN_DATABASE_URL", "sqlite:////no/such/folder/falin.db", ["/no/such/folder", "FALIN_DATABASE_URL"], 3),
        ("FALIN_DATABASE_URL", "postgresql://u:geheim@127.0.0.1:1/d", ["cannot be opened", "FALIN_DATABASE_URL"], 3),
    ],
)
def test_broken_database_setting_is_explained_without_the_password(
    setting: str, value: str, parts: list[str], code: int, tmp_path: Path
) -> None:
    done = run_falin(tmp_path / "home", "db", "upgrade", **{setting: value})
    assert_clear(done, parts, code)
    assert "geheim" not in done.stderr


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("FALIN_PORT", "achtzig"), ("FALIN_PORT", "0"), ("FALIN_PORT", "70000"), ("FALIN_PUBLIC_URL", "falin.example"),
        ("FALIN_TELEGRAM_TOKEN", "nocolon"), ("FALIN_TELEGRAM_WEBHOOK", "https://x.example"),
    ],
)  # fmt: skip
def test_broken_setting_is_named(setting: str, value: str, tmp_path: Path) -> None:
    done = run_falin(tmp_path / "home", "doctor", **{setting: value})
    assert done.returncode == 2
    assert done.stderr.startswith("falin: ")
    assert setting in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "home").exists(), "nothing was done before the settings were right"


def test_home_that_cannot_be_written_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = run_falin(tmp_path / "file" / "home", "init", "--demo", "--yes", cwd=tmp_path)
    assert_clear(done, ["cannot be written", "FALIN_HOME"], 3)


def test_secret_of_another_installation_is_explained(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert run_falin(home, "init", "--demo", "--yes").returncode == 0
    (home / "secret.key").write_text("kaputt")
    assert_clear(run_falin(home, "invite", "chen"), ["secret.key", "backup"], 2)


def test_database_of_an_older_version_is_explained(tmp_path: Path) -> None:
    import sqlite3

    home = tmp_path / "home"
    assert run_falin(home, "init", "--demo", "--yes").returncode == 0
    with sqlite3.connect(home / "falin.db") as connection:
        connection.execute("update alembic_version set version_num = '0000'")
    assert_clear(run_falin(home, "stats"), ["older schema", "falin db upgrade"], 3)
