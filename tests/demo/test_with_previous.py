"""`falin demo year --with-previous`: the command itself, for a street a thirtieth as large."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import main
from bot.cli.demo import SHARE_BEFORE
from bot.demo.sizes import Sizes
from bot.settings import PROJECT

SMALL = Sizes().scaled(1 / 30)
BEFORE = SMALL.scaled(SHARE_BEFORE)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("previous")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FALIN_HOME", str(folder / "home"))
        patch.setattr("bot.demo.sizes.Sizes", lambda: SMALL)
        run("init", "--demo", "--yes")
        run("demo", "year", "--with-previous")
        yield folder


def run(*arguments: str) -> str:
    done = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def stated(sizes: Sizes) -> dict[str, int]:
    """What the report must say of a year of this size."""
    return {
        "登记用户（人）": sum(sizes.registered),
        "合同审查（份）": sizes.reviews,
        "调解成功（件）": sizes.agreed,
        "协议金额（元）": sizes.amount // 100,
        "走访企业（次）": sizes.visits,
        "普法活动（场）": sizes.events,
    }


def test_the_report_compares_with_the_previous_year(folder: Path) -> None:
    path = folder / "compared.md"
    run("report", "--year", "2022", "--compare", "2021", "--format", "md", "--output", str(path))
    text = path.read_text(encoding="utf-8")
    table = text[text.index("### 同比情况") :]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines() if line.startswith("|")]
    assert rows[0][:3] == ["指标", "2022年", "2021年"]
    now, then = ({row[0]: row[place].replace(",", "") for row in rows} for place in (1, 2))
    for title, wanted in stated(SMALL).items():
        assert (now[title], then[title]) == (str(wanted), str(stated(BEFORE)[title])), title
    agreed = (SMALL.agreed - BEFORE.agreed) / BEFORE.agreed
    assert f"调解成功{SMALL.agreed}件" in text
    assert f"，比2021年增长{agreed:.1%}" in text


def test_the_previous_year_has_a_report_of_its_own(folder: Path) -> None:
    path = folder / "previous.md"
    run("report", "--year", "2021", "--format", "md", "--output", str(path))
    text = path.read_text(encoding="utf-8")
    assert f"新登记用户{sum(BEFORE.registered)}人" in text
    assert f"调解成功{BEFORE.agreed}件" in text
    assert "年增长" not in text, "nothing was there before it"


def test_the_previous_year_is_as_large_as_the_documentation_says() -> None:
    before, text = Sizes().scaled(SHARE_BEFORE), (PROJECT / "docs" / "demo.md").read_text(encoding="utf-8")
    for said in (
        f"登记用户{sum(before.registered):,}人", f"企业{before.enterprises}户", f"走访{before.visits}次", f"会议{before.meetings}次",
        f"调解成功{before.agreed}件（{before.parties}人、{before.amount // 100:,}元）", f"审查合同{before.reviews}份",
        f"未成{before.failed}件", f"法律援助{before.aid_applied + before.aid_by_hand}件", f"普法活动{before.events}场", f"资料{before.leaflets:,}份", f"视频{before.videos}部", f"推文{before.posts}篇",
        f"法律明白人{before.literate}人",
    ):  # fmt: skip
        assert said in text, said
