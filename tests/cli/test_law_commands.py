"""Law texts and the freshness of the knowledge, as staff handle them on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.storage.engine import make_engine
from bot.storage.sealing import load_keys
from bot.storage.sql_unit_of_work import SqlUnitOfWork
from tests.agent_home import run_falin
from tests.builders import NOW
from tests.storage.test_law_tables import law_file

ENTRY = "labour.unpaid_wages"


@pytest.fixture(scope="module")
def law_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Texts of our own making under the titles of real laws, and one file that is no law."""
    folder = tmp_path_factory.mktemp("laws")
    articles = ["第八十五条 用人单位拖欠劳动报酬的，责令限期支付。", "第八十六条 合同无效的，有过错的一方赔偿。"]
    law_file(folder, "劳动合同法(2012-12-28).md", "劳动合同法", "2012年12月28日", *articles)
    coming = ["第一条 新的规定。", "第二条 本法自2099年1月1日起施行。"]
    law_file(folder, "劳动合同法(2098-12-28).md", "劳动合同法", "2098年12月28日", *coming)
    (folder / "坏.md").write_bytes(b"\xff\xfe")
    return folder


@pytest.fixture(scope="module")
def law_home(tmp_path_factory: pytest.TempPathFactory, law_folder: Path) -> Path:
    home = tmp_path_factory.mktemp("cli-laws") / "home"
    assert run_falin(home, "init", "--demo", "--yes").returncode == 0
    done = run_falin(home, "laws", "import", str(law_folder))
    assert done.returncode == 0, done.stderr
    assert "2 laws imported, 0 unchanged, 1 skipped" in done.stdout
    assert "坏.md" in done.stderr
    return home


def test_importing_again_leaves_everything_as_it_is(law_home: Path, law_folder: Path) -> None:
    done = run_falin(law_home, "laws", "import", str(law_folder))
    assert "0 laws imported, 2 unchanged, 1 skipped" in done.stdout


def test_an_article_is_shown_in_the_version_in_force(law_home: Path) -> None:
    for written in ("85", "第八十五条"):
        done = run_falin(law_home, "laws", "show", "中华人民共和国劳动合同法", written)
        assert done.stdout == "第八十五条 用人单位拖欠劳动报酬的，责令限期支付。\n"


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("show", "劳动合同法", "1"), 1, "not among the law texts"),
        (("show", "无此法", "85"), 1, "not among the law texts"),
        (("show", "劳动合同法", "八五条约"), 2, "is no article"),
        (("import", "/nowhere"), 3, "holds no law texts"),
    ],
)
def test_what_cannot_be_found_is_said_in_one_sentence(
    law_home: Path, arguments: tuple[str, ...], code: int, says: str
) -> None:
    done = run_falin(law_home, "laws", *arguments)
    assert done.returncode == code
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_searching_without_law_texts_says_what_to_do(tmp_path: Path) -> None:
    home = tmp_path / "home"
    run_falin(home, "init", "--demo", "--yes")
    done = run_falin(home, "laws", "search", "工资")
    assert done.returncode == 3
    assert "falin laws import" in done.stderr


@pytest.mark.agent
def test_a_lay_question_finds_the_article(home: Path, law_folder: Path) -> None:
    assert run_falin(home, "laws", "import", str(law_folder)).returncode == 0
    done = run_falin(home, "laws", "search", "老板", "拖欠工资怎么办", "--limit", "1")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("《劳动合同法》第八十五条\n第八十五条 用人单位拖欠")
    asked = run_falin(home, "ask", "--jsonl", text="老板拖欠工资怎么办\n")
    answer = json.loads(asked.stdout)
    assert answer["statutes"][0] == {"law": "劳动合同法", "article": "第八十五条", "score": answer["statutes"][0]["score"]}


def test_check_warns_of_a_version_to_come_and_names_the_entries_it_touches(law_home: Path) -> None:
    done = run_falin(law_home, "knowledge", "check")
    assert done.returncode == 0, done.stderr
    assert "2099-01-01" in done.stderr
    assert ENTRY in done.stderr


def test_check_fails_once_a_newer_version_is_in_force(law_home: Path) -> None:
    done = run_falin(law_home, "knowledge", "check", "--today", "2099-01-01")
    assert done.returncode == 1
    assert "falin knowledge withdraw --law 劳动合同法" in done.stderr


def test_withdrawn_entries_stop_answering_and_show_who_was_given_them(law_home: Path) -> None:
    engine = make_engine(f"sqlite:///{law_home / 'falin.db'}")
    with SqlUnitOfWork(engine, load_keys(law_home / "secret.key")) as uow:
        client = uow.clients.find_or_add("webchat", "browser-1", NOW)
        uow.answers.note_given(client.id, ENTRY, NOW)
        uow.commit()
    engine.dispose()
    done = run_falin(law_home, "knowledge", "withdraw", "--entry", ENTRY)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(ENTRY)
    listed = run_falin(law_home, "knowledge", "withdrawn", COLUMNS="200")
    assert ENTRY in listed.stdout
    assert client.pseudonym in listed.stdout
    assert "1 条暂停；1 人得到过其中的答复" in listed.stdout


def test_withdrawing_by_law_names_every_entry_that_cites_it(law_home: Path) -> None:
    done = run_falin(law_home, "knowledge", "withdraw", "--law", "劳动合同法")
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) > 10
    assert "labour.unpaid_wages" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "code"), [((), 2), (("--law", "无此法"), 1), (("--entry", "a.b"), 1), (("--law", "x", "--entry", "y"), 2)]
)
def test_withdrawing_nothing_is_an_error(law_home: Path, arguments: tuple[str, ...], code: int) -> None:
    assert run_falin(law_home, "knowledge", "withdraw", *arguments).returncode == code


@pytest.mark.agent
def test_withdrawn_entry_does_not_answer_in_ask(home: Path) -> None:
    text = "老板拖欠工资怎么办\n"
    first = json.loads(run_falin(home, "ask", "--jsonl", text=text).stdout)
    assert first["decision"] == "answer"
    assert run_falin(home, "knowledge", "withdraw", "--entry", first["faq"]).returncode == 0
    second = json.loads(run_falin(home, "ask", "--jsonl", text=text).stdout)
    assert (second["decision"], second["faq"], second["citations"]) == ("refer", None, [])


@pytest.mark.agent
def test_evaluate_prints_the_figures_of_a_question_file(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "questions.jsonl"
    rows = [
        {"text": "老板拖欠工资怎么办", "gold": [["劳动合同法", "第八十五条"], ["劳动合同法", "第三十条"]]},
        {"text": "今天天气怎么样", "gold": [["劳动合同法", "第八十五条"]]},
    ]
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    done = run_falin(home, "evaluate", str(path))
    assert done.returncode == 0, done.stderr
    assert "questions 2  answered 50.0%  right 50.0%  wrong-law 0.0%  precision 100.0%" in done.stdout
    missing = run_falin(home, "evaluate", str(tmp_path / "nowhere.jsonl"))
    assert missing.returncode == 2
