"""Every command, run as a person runs it."""
from __future__ import annotations

import csv
import json
import re
from datetime import datetime, timezone
from pathlib import Path

import pytest

from bot.bootstrap import FAQ
from bot.knowledge.citations import Citation
from bot.knowledge.entries import load_entries
from bot.storage.engine import make_engine
from bot.storage.sealing import load_keys
from bot.storage.sql_unit_of_work import SqlUnitOfWork
from bot.storage.tables import ledger
from tests.agent_home import run_falin
from tests.builders import make_ledger_entry


@pytest.fixture
def new_home(tmp_path: Path) -> Path:
    """A FALIN_HOME that does not exist yet."""
    return tmp_path / "falin home"


@pytest.fixture(scope="module")
def shared_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Set up once, for commands that only read."""
    home = tmp_path_factory.mktemp("cli") / "home"
    assert run_falin(home, "init", "--demo", "--yes").returncode == 0
    return home


def fill_ledger(home: Path) -> None:
    engine = make_engine(f"sqlite:///{home / 'falin.db'}")
    unit = SqlUnitOfWork(engine, load_keys(home / "secret.key"))
    with unit as uow:
        for number, (client, month) in enumerate((("p1", 3), ("p1", 4), ("p2", 4))):
            at = datetime(2026, month, 1, tzinfo=timezone.utc)
            uow.ledger.add(make_ledger_entry(key=f"k{number}", client=client, occurred_at=at))
        uow.ledger.add(make_ledger_entry(key="old", occurred_at=datetime(2025, 1, 1, tzinfo=timezone.utc)))
        uow.commit()
    engine.dispose()


def test_init_twice_keeps_what_people_wrote(new_home: Path) -> None:
    first = run_falin(new_home, "init", "--demo", "--yes")
    assert first.returncode == 0, first.stderr
    assert f"wrote {new_home / 'street.yml'}" in first.stdout
    assert len(list((new_home / "posters").iterdir())) == 5
    assert (new_home / "secret.key").stat().st_mode & 0o077 == 0
    street, secret = new_home / "street.yml", (new_home / "secret.key").read_text()
    street.write_text(street.read_text().replace("白鹭街道", "青石街道"))
    second = run_falin(new_home, "init", "--demo", "--yes")
    assert second.returncode == 0, second.stderr
    assert "kept" in second.stdout
    assert "青石街道" in street.read_text()
    assert (new_home / "secret.key").read_text() == secret


def test_init_asks_for_a_street(new_home: Path) -> None:
    answers = "柳林街道\n东门社区 西门社区\neast\nwest\n王律师 李律师\n023-1234\n\n"
    done = run_falin(new_home, "init", text=answers)
    assert done.returncode == 0, done.stderr
    street = (new_home / "street.yml").read_text()
    for part in ("柳林街道司法所", "西门社区", "id: east", "李律师", "023-1234"):
        assert part in street


def test_doctor_says_what_is_missing_and_how_to_get_it(new_home: Path) -> None:
    done = run_falin(new_home, "doctor")
    assert done.returncode == 1
    for line in ("✗ street.yml", "✗ secret.key", "✗ model", "falin init", "falin train", "✓ Python", "✓ rasa"):
        assert line in done.stdout
    assert done.stderr == ""


@pytest.mark.agent
def test_doctor_is_content_with_a_trained_home(home: Path) -> None:
    done = run_falin(home, "doctor")
    assert done.returncode == 0, done.stdout
    assert "✗" not in done.stdout
    assert "– Telegram" in done.stdout


def test_database_upgrade_can_be_repeated(new_home: Path) -> None:
    first, second = (run_falin(new_home, "db", "upgrade") for _ in range(2))
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert "(already current)" not in first.stdout
    assert "(already current)" in second.stdout


def test_figures_of_an_empty_and_of_a_filled_ledger(new_home: Path) -> None:
    run_falin(new_home, "init", "--demo", "--yes")
    empty = run_falin(new_home, "stats", "--year", "2026")
    assert empty.returncode == 0, empty.stderr
    assert re.search(r"合计\s*│\s*0\s*│\s*0", empty.stdout)
    fill_ledger(new_home)
    filled = run_falin(new_home, "stats", "--year", "2026")
    assert re.search(r"合计\s*│\s*3\s*│\s*2", filled.stdout), filled.stdout
    assert re.search(r"2026-04\s*│\s*2\s*│\s*2", filled.stdout)
    assert "白马社区" in filled.stdout
    assert "智能咨询" in filled.stdout


@pytest.mark.parametrize("year", ["1999", "3000", "0"])
def test_figures_of_an_impossible_year_are_refused(year: str, shared_home: Path) -> None:
    done = run_falin(shared_home, "stats", "--year", year)
    if year == "0":
        assert done.returncode in (0, 1)
    else:
        assert done.returncode == 1
        assert "2026" in done.stderr
    assert "Traceback" not in done.stderr


def test_export_as_csv_and_excel(new_home: Path) -> None:
    run_falin(new_home, "init", "--demo", "--yes")
    assert "0 entries" in run_falin(new_home, "export", "--year", "2026").stdout
    fill_ledger(new_home)
    done = run_falin(new_home, "export", "--year", "2026", "--format", "csv")
    assert done.returncode == 0, done.stderr
    with (new_home.parent / "falin-2026.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["day"] for row in rows] == ["2026-03-01", "2026-04-01", "2026-04-01"]
    assert {row["kind"] for row in rows} == {"bot_consultation"}
    done = run_falin(new_home, "export", "--year", "2026", "--output", "year.xlsx")
    assert "3 entries" in done.stdout
    from openpyxl import load_workbook

    assert load_workbook(new_home.parent / "year.xlsx")["ledger"].max_row == 4


def test_export_into_a_name_of_another_format_is_refused(shared_home: Path) -> None:
    done = run_falin(shared_home, "export", "--year", "2026", "--output", "year.csv")
    assert done.returncode == 2
    assert "--format" in done.stderr
    assert not (shared_home.parent / "year.csv").exists()


def test_export_into_a_folder_that_is_not_there_is_explained(shared_home: Path) -> None:
    done = run_falin(shared_home, "export", "--year", "2026", "--output", "no/such/folder/year.xlsx")
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert "no/such/folder" in done.stderr


def test_cases_that_wait_are_listed_without_words(shared_home: Path) -> None:
    done = run_falin(shared_home, "cases")
    assert done.returncode == 0, done.stderr
    assert "未办结的案件" in done.stdout


def test_knowledge_check_finds_nothing_wrong(shared_home: Path) -> None:
    done = run_falin(shared_home, "knowledge", "check")
    assert done.returncode == 0, done.stderr
    assert ": 0 findings" in done.stdout


def write_laws(folder: Path, citations: set[Citation], versions: dict[str, str], without: Citation | None = None) -> None:
    """Law texts with one line for every article that is cited."""
    from bot.knowledge.numerals import article_name

    folder.mkdir()
    for law, version in versions.items():
        articles = {c.article for c in citations if c.law == law and c != without}
        lines = [f"{article_name(article)} 正文。\n" for article in sorted(articles)]
        text = f"# {law}\n\n<!-- INFO END -->\n\n" + "\n".join(lines)
        (folder / f"{law}({version}).md").write_text(text, encoding="utf-8")


def test_knowledge_check_against_law_texts_fails_on_a_missing_article(shared_home: Path, tmp_path: Path) -> None:
    entry = load_entries(FAQ)["labour.unpaid_wages"]
    citation = entry.citations[0]
    write_laws(tmp_path / "laws", {citation}, {citation.law: entry.law_date.isoformat()})
    missing = Citation(citation.law, (citation.article[0] + 1, 0))
    write_laws(tmp_path / "gap", {missing}, {citation.law: entry.law_date.isoformat()})
    there = run_falin(shared_home, "knowledge", "check", "--laws", str(tmp_path / "laws"))
    gone = run_falin(shared_home, "knowledge", "check", "--laws", str(tmp_path / "gap"))
    finding = f"labour.unpaid_wages: {citation} does not stand in the law texts in force"
    assert finding not in there.stderr
    assert finding in gone.stderr
    assert gone.returncode == 1
    assert re.search(r"labour\.yml:\d+: labour\.unpaid_wages", gone.stderr), "file and line are named"


def test_knowledge_check_without_law_texts_there_says_so(shared_home: Path, tmp_path: Path) -> None:
    for folder in (tmp_path / "nowhere", tmp_path):
        done = run_falin(shared_home, "knowledge", "check", "--laws", str(folder))
        assert done.returncode == 3
        assert str(folder) in done.stderr
        assert "Traceback" not in done.stderr


def test_invitations_are_made_for_members_of_the_street_only(shared_home: Path) -> None:
    known = run_falin(shared_home, "invite", "chen", FALIN_PUBLIC_URL="https://falin.example/")
    assert known.returncode == 0, known.stderr
    chat, console = known.stdout.split("\n")[:2]
    assert re.fullmatch(r"/start member_[\w-]{20,50}", chat)
    assert re.fullmatch(r"https://falin\.example/console/join/[\w-]{40,}", console)
    named = run_falin(shared_home, "invite", "suozhang", FALIN_TELEGRAM_NAME="@falin_bot")
    assert re.match(r"https://t\.me/falin_bot\?start=member_[\w-]{20,50}\n", named.stdout)
    unknown = run_falin(shared_home, "invite", "nobody")
    assert unknown.returncode == 1
    assert "known are: chen, zhou" in unknown.stderr


def test_a_removed_member_has_no_access_and_may_be_invited_anew(shared_home: Path) -> None:
    run_falin(shared_home, "invite", "zhou")
    removed = run_falin(shared_home, "member", "remove", "zhou")
    assert removed.returncode == 0, removed.stderr
    assert removed.stdout == "zhou has no access any more; 0 open cases went to others\n"
    assert "street.yml" in removed.stderr
    assert run_falin(shared_home, "invite", "zhou").returncode == 0


def test_commands_that_need_a_street_or_a_model_say_how_to_get_them(new_home: Path) -> None:
    for command in (["ask", "你好"], ["chat"]):
        done = run_falin(new_home, *command)
        assert done.returncode == 3
        assert "run: falin train" in done.stderr
    for command in (["invite", "chen"], ["member", "remove", "chen"], ["cases"]):
        done = run_falin(new_home, *command)
        assert done.returncode == 3
        assert "run: falin init" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "command",
    [
        ["--help"], ["--version"], ["init", "--demo", "--yes"], ["db", "upgrade"], ["doctor"], ["stats"], ["cases"],
        ["export", "--year", "2026"], ["knowledge", "check"], ["invite", "chen"], ["ask", "--help"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_command_without_the_agent_does_not_import_rasa(command: list[str], shared_home: Path, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import atexit, os, sys\n"
        f"atexit.register(lambda: open({str(tmp_path / 'loaded')!r}, 'w').write("
        "' '.join(m for m in ('rasa', 'tensorflow', 'sklearn', 'bot.cli') if m in sys.modules)))\n"
    )
    from bot.settings import PROJECT

    run_falin(shared_home, *command, PYTHONPATH=f"{tmp_path}:{PROJECT}")
    assert (tmp_path / "loaded").read_text() == "bot.cli"


CONTRACT = {
    "text": str, "decision": str, "matter": (str, type(None)), "topic": (str, type(None)), "faq": (str, type(None)),
    "confidence": float, "citations": list, "options": list, "statutes": list, "service": (str, type(None)),
    "reply": str, "ms": float,
}  # fmt: skip


@pytest.mark.agent
def test_ask_keeps_its_contract(home: Path) -> None:
    special = [
        "老板拖欠工资怎么办", '{"text": "退租房东不退押金怎么办"}', "", '{"question": "x"}', "{不是JSON", '"字符串"', "[1]",
        '{"text": 5}', "/faq{\"x\":1}", "/human", "我老公打我", "转人工", "a" * 3000, "谢谢", "/start", "\ud83d".encode("utf-8", "replace").decode(),
    ]  # fmt: skip
    lines = [*special, *(f"第{number}个问题，公司不发工资" for number in range(300))]
    before = (home / "falin.db").read_bytes()
    done = run_falin(home, "ask", "--jsonl", text="\n".join(lines))
    assert done.returncode == 0, done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines()]  # nothing but JSON lines
    assert len(answers) == len(lines)
    expected = [*lines]
    expected[1] = "退租房东不退押金怎么办"
    assert [a["text"] for a in answers] == expected, "in order"
    for answer in answers:
        assert list(answer) == list(CONTRACT)
        for name, kind in CONTRACT.items():
            assert isinstance(answer[name], kind), (name, answer)
        assert answer["reply"]
        assert 0 <= answer["confidence"] <= 1
        for option in answer["options"]:
            assert set(option) == {"faq", "title", "citations"}
        for citation in answer["citations"]:
            assert set(citation) == {"law", "article"}
    wages, deposit, empty = answers[:3]
    assert (wages["decision"], wages["faq"], wages["topic"]) == ("answer", "labour.unpaid_wages", "劳动纠纷")
    assert {"law": "劳动合同法", "article": "第八十五条"} in wages["citations"]
    assert deposit["matter"] == "tenancy"
    assert (empty["decision"], empty["citations"]) == ("out_of_scope", [])
    assert [answers[n]["decision"] for n in (9, 11)] == ["service", "service"]
    assert answers[11]["service"] == "adviser"
    assert answers[10]["decision"] == "crisis"
    assert (answers[14]["decision"], answers[14]["service"]) == ("smalltalk", None)
    assert "我是法邻" in answers[14]["reply"]
    assert (home / "falin.db").read_bytes() == before, "nothing is counted, no state is kept"
    engine = make_engine(f"sqlite:///{home / 'falin.db'}")
    with engine.connect() as connection:
        assert connection.execute(ledger.select()).all() == []
