"""The law library and the record of answers: the fake in memory, SQLite and PostgreSQL alike."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.domain.answers import Withdrawal
from bot.domain.errors import NotReady
from bot.knowledge.citations import Citation
from bot.services.laws import find_articles, import_laws, list_articles_in_force
from bot.services.unit_of_work import UnitOfWorkFactory
from tests.builders import NOW

TODAY = date(2026, 11, 24)
HEAD = "# 中华人民共和国{title}\n\n{passed} 通过\n\n<!-- INFO END -->\n\n"


def law_file(folder: Path, name: str, title: str, passed: str, *articles: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(HEAD.format(title=title, passed=passed) + "\n\n".join(articles) + "\n", encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four laws of our own making: one in two versions, one in two books, one repealed, one to come."""
    laws = tmp_path / "laws"
    old = ("第一条 楼道里不得堆放杂物。", "第二条 本法自2001年1月1日起施行。")
    law_file(laws, "楼道法(2000-10-01).md", "楼道法", "2000年10月1日", *old)
    new = ("第一条 楼道里不得停放电动车。", "第二条 物业应当劝阻。", "第三条 本法自2001年1月1日起施行。")
    law_file(laws, "楼道法(2020-10-01).md", "楼道法", "2020年10月1日", *new)
    law_file(laws, "邻里法典/总则.md", "邻里法典", "2022年5月1日", "## 第一章 和睦", "第一条 邻居应当互让。")
    closing = "第二条 本法自2023年1月1日起施行。《院坝法》同时废止。"
    law_file(laws, "邻里法典/附则.md", "邻里法典", "2022年5月1日", "## 附则", closing)
    law_file(laws, "院坝法(1999-01-01).md", "院坝法", "1999年1月1日", "第一条 院坝归大家用。")
    law_file(laws, "广场法(2026-06-01).md", "广场法", "2026年6月1日", "第一条 本法自2027年1月1日起施行。")
    (laws / "决定.md").write_text("# 关于某事的决定\n\n决定如下。\n", encoding="utf-8")
    return laws


def imported(open_unit: UnitOfWorkFactory, folder: Path) -> None:
    with open_unit() as uow:
        import_laws(uow, folder)
        uow.commit()


def texts(open_unit: UnitOfWorkFactory, today: date = TODAY) -> dict[str, str]:
    with open_unit() as uow:
        return {str(text.citation): text.text for text in list_articles_in_force(uow, today)}


def test_only_the_version_in_force_is_law(open_unit: UnitOfWorkFactory, folder: Path) -> None:
    imported(open_unit, folder)
    found = texts(open_unit)
    assert found["《楼道法》第一条"] == "第一条 楼道里不得停放电动车。"
    assert "《广场法》第一条" not in found
    assert "《广场法》第一条" in texts(open_unit, date(2027, 1, 1))


def test_earlier_version_was_law_in_its_time(open_unit: UnitOfWorkFactory, folder: Path) -> None:
    imported(open_unit, folder)
    assert texts(open_unit, date(2010, 1, 1))["《楼道法》第一条"] == "第一条 楼道里不得堆放杂物。"


def test_repealed_law_is_out_from_the_day_its_successor_begins(open_unit: UnitOfWorkFactory, folder: Path) -> None:
    imported(open_unit, folder)
    assert "《院坝法》第一条" not in texts(open_unit)
    assert "《院坝法》第一条" in texts(open_unit, date(2022, 12, 31))


def test_books_of_a_code_are_one_law_and_keep_their_headings(open_unit: UnitOfWorkFactory, folder: Path) -> None:
    imported(open_unit, folder)
    with open_unit() as uow:
        code = [text for text in list_articles_in_force(uow, TODAY) if text.law == "邻里法典"]
    assert [(text.article, text.heading) for text in code] == [((1, 0), "和睦"), ((2, 0), "")]


def test_importing_again_changes_nothing(open_unit: UnitOfWorkFactory, folder: Path) -> None:
    imported(open_unit, folder)
    before = texts(open_unit)
    with open_unit() as uow:
        report = import_laws(uow, folder)
        uow.commit()
    assert (report.added, report.unchanged, report.unnumbered, report.skipped) == (0, 6, 1, [])
    assert texts(open_unit) == before


def test_changed_file_replaces_what_it_held(open_unit: UnitOfWorkFactory, folder: Path) -> None:
    imported(open_unit, folder)
    law_file(folder, "院坝法(2024-01-01).md", "院坝法", "2024年1月1日", "第一条 院坝可以晒谷。")
    law_file(folder, "楼道法(2020-10-01).md", "楼道法", "2020年10月1日", "第一条 楼道应当畅通。")
    imported(open_unit, folder)
    found = texts(open_unit)
    assert found["《楼道法》第一条"] == "第一条 楼道应当畅通。"
    assert "《楼道法》第二条" not in found
    assert found["《院坝法》第一条"] == "第一条 院坝可以晒谷。", "adopted anew after its repeal"


@pytest.mark.parametrize(
    "content", [b"\xff\xfe\x00", b"", "# 错日法\n2020年2月31日 通过\n\n<!-- INFO END -->\n第一条 好。".encode()]
)
def test_malformed_file_is_named_and_skipped(open_unit: UnitOfWorkFactory, folder: Path, content: bytes) -> None:
    (folder / "坏文件.md").write_bytes(content)
    with open_unit() as uow:
        report = import_laws(uow, folder)
        uow.commit()
    assert report.added == 6
    assert len(report.skipped) == 1
    assert "坏文件.md" in report.skipped[0]


def test_folder_without_texts_is_an_error_that_says_what_to_do(
    open_unit: UnitOfWorkFactory, tmp_path: Path
) -> None:
    with open_unit() as uow, pytest.raises(NotReady, match="markdown"):
        import_laws(uow, tmp_path / "nowhere")


def test_cited_articles_are_found_and_unknown_ones_left_out(open_unit: UnitOfWorkFactory, folder: Path) -> None:
    imported(open_unit, folder)
    cited = (
        Citation("楼道法", (2, 0)),
        Citation("楼道法", (9, 0)),
        Citation("院坝法", (1, 0)),
        Citation("无此法", (1, 0)),
    )
    with open_unit() as uow:
        assert [text.text for text in find_articles(uow, cited, TODAY)] == ["第二条 物业应当劝阻。"]


def test_recipients_of_an_answer_are_listed_as_pseudonyms_once(open_unit: UnitOfWorkFactory) -> None:
    with open_unit() as uow:
        first, second = (uow.clients.find_or_add("webchat", key, NOW) for key in ("a", "b"))
        for client in (first, second, first):
            uow.answers.note_given(client.id, "labour.x", NOW)
        uow.answers.note_given(first.id, "labour.x", NOW + timedelta(days=1))
        uow.answers.note_given(second.id, "labour.y", NOW)
        uow.commit()
    with open_unit() as uow:
        found = uow.answers.list_recipients({"labour.x"})
        assert [(r.client, r.given_at) for r in found] == [
            (second.pseudonym, NOW),
            (first.pseudonym, NOW + timedelta(days=1)),
        ]
        uow.clients.erase(first.id, NOW)
        assert [r.client for r in uow.answers.list_recipients({"labour.x"})] == [second.pseudonym]


def test_withdrawal_holds_until_a_review_on_a_later_day(open_unit: UnitOfWorkFactory) -> None:
    with open_unit() as uow:
        uow.answers.withdraw("labour.x", "旧法", TODAY - timedelta(days=9))
        uow.answers.withdraw("labour.x", "劳动法", TODAY)
        uow.commit()
    with open_unit() as uow:
        assert uow.answers.list_withdrawn() == [Withdrawal("labour.x", "劳动法", TODAY)]
    assert Withdrawal("labour.x", "劳动法", TODAY).holds(TODAY)
    assert not Withdrawal("labour.x", "劳动法", TODAY).holds(TODAY + timedelta(days=1))
