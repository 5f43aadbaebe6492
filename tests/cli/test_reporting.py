"""The figures from the command line: import, report, explain, close, and the same bytes afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.agent_home import run_falin

LIST = "日期,类别,社区,事项,人数,金额\n2022-03-05,电话咨询,白马,劳动,1,\n2022-03-06,调解,青杠,邻里,2,3.5万\n2022-13-01,来访,白马,,1,\n"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all: what cannot be done changes nothing."""
    folder = tmp_path_factory.mktemp("figures")
    assert run_falin(folder / "home", "init", "--demo", "--yes").returncode == 0
    (folder / "list.csv").write_text(LIST, encoding="utf-8")
    return folder / "home"


def test_a_year_from_a_list_to_its_closing(home: Path) -> None:
    folder = home.parent

    def run(*arguments: str) -> tuple[int, str]:
        done = run_falin(home, *arguments, cwd=folder)
        return done.returncode, done.stdout + done.stderr

    code, said = run("import", "list.csv")
    assert (code, "将新增 2 行，已有 0 行，不收 1 行" in said, "试运行" in said) == (1, True, True)
    assert "35,000元" in said, "a wrong sum is seen before it is in the books"
    assert "日期“2022-13-01”" in said
    assert "…" not in said.partition("┏")[2].partition("┘")[0], "a reason is read to its end"
    code, said = run("import", "list.csv", "--apply")
    assert "已新增 2 条" in said
    assert "已新增 0 条" in run("import", "list.csv", "--apply")[1]
    code, said = run("report", "--year", "2022", "--format", "md")
    assert code == 0, said
    draft = (folder / "falin-report-2022.md").read_text(encoding="utf-8")
    assert "共提供法律服务2件次" in draft
    assert "草稿" in draft
    assert "调解成功1件" in draft
    code, said = run("report", "--year", "2022", "--format", "md", "--suppress-below", "5")
    assert code == 0, said
    published = (folder / "falin-report-2022-published.md").read_text(encoding="utf-8")
    assert "＊" in published
    assert not any(text in published for text in ("调解成功1件", "3.50", "35,000"))
    code, said = run("report", "explain", "mediation.amount", "--year", "2022")
    assert "35,000元" in said
    assert "2022-03-06" in said
    code, said = run("report", "explain", "mediation.amont", "--year", "2022")
    assert (code != 0, "mediation.amount" in said) == (True, True)
    assert "is not over" in run("year", "close", "2999", "--signed-by", "吴所长", "--yes")[1]
    code, said = run("year", "close", "2022", "--signed-by", "吴所长", "--yes")
    assert code == 0, said
    printed = {}
    for name in ("md", "docx", "xlsx"):
        run("report", "--year", "2022", "--format", name)
        printed[name] = (folder / f"falin-report-2022.{name}").read_bytes()
    assert "已封存：吴所长" in printed["md"].decode()
    publish = ("report", "--year", "2022", "--format", "md", "--suppress-below", "5")
    run(*publish)
    signed = (folder / "falin-report-2022-published.md").read_bytes()
    assert "已封存：吴所长" in signed.decode()
    assert "＊" in signed.decode()
    (folder / "more.csv").write_text(LIST.replace("03-05", "03-07"), encoding="utf-8")
    assert "已经封存" in run("import", "more.csv", "--apply")[1]
    for name, content in printed.items():
        run("report", "--year", "2022", "--format", name)
        assert (folder / f"falin-report-2022.{name}").read_bytes() == content
    run(*publish)
    assert (folder / "falin-report-2022-published.md").read_bytes() == signed
    assert "as they were signed off" in run("year", "check")[1]
    assert "吴所长" in run("year", "list")[1]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("report",), "--year is missing"),
        (("report", "--year", "1200"), "is not a year"),
        (("report", "--year", "2022", "--quarter", "1", "--month", "2"), "no such quarter or month"),
        (("report", "--year", "2022", "--community", "火星"), "no community"),
        (("report", "--year", "2022", "--compare", "2022"), "cannot be compared with itself"),
        (("report", "explain", "services.total@community=火星", "--year", "2022"), "no community=火星 in 2022年"),
        (("report", "--year", "2022", "--output", "x.pdf"), "does not end in .docx"),
        (("report", "--year", "2022", "--output", "no/such/x.docx"), "does not exist"),
        (("import", "nothing.xlsx"), "does not exist"),
        (("import", "list.csv", "--as", "nobody"), "no member"),
        (("export", "--year", "2022", "--map", "nothing.yml"), "does not exist"),
        (("export", "--year", "2022", "--month", "2"), "go with --map"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said_in_one_sentence(home: Path, arguments: tuple[str, ...], says: str) -> None:
    done = run_falin(home, *arguments, cwd=home.parent)
    assert done.returncode != 0
    assert says in done.stderr
    assert "Traceback" not in done.stderr
