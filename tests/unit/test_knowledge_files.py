"""laws.yml, matters.yml, crisis.yml and street.yml: malformed ones are refused with their place."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.domain.errors import ConfigError
from bot.knowledge.emergencies import load_emergencies
from bot.knowledge.laws import load_laws
from bot.knowledge.matters import load_matters
from bot.knowledge.street_file import load_street

LAW = "- {law: 劳动法, version: 2018-12-29, in_force_from: 2018-12-29, articles: 107}\n"
STREET = """\
street: 梨树街道
office: 司法所
phone: 02300001234
hours: 周一至周五
communities:
  - {id: baima, name: 白马社区, adviser: chen}
  - {id: 2027, name: 青杠社区, adviser: chen}
advisers:
  - {id: chen, name: 陈律师, phone: 0231234567}
hotlines:
  - {number: 12348, name: 热线}
"""
GOOD_STREET = STREET.replace("id: 2027", "id: qinggang")


def refusal(load, path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load(path)
    message = str(caught.value)
    assert "\n→ " in message
    assert message.startswith(f"{path}:")
    return message.removeprefix(f"{path}:")


@pytest.mark.parametrize(
    ("text", "place_and_reason"),
    [
        (LAW + "- {law: 合同法, version: 2018-12-29, articles: 3}\n", "2: a law needs"),
        (LAW + "- {law: 合同法, version: 2018, in_force_from: 2018-12-29, articles: 3}\n", "2: a law needs"),
        (LAW.replace("107", "很多"), "1: a law needs"),
        (LAW.replace("version: 2018-12-29", "version: 2018-12-29 10:00:00"), "1: a law needs"),
        (LAW.replace("107", "107, inserted: [一百]"), "1: a law needs"),
        (LAW.replace("107", "107, inserted: 133之一"), "1: a law needs"),
        (LAW + "- 合同法\n", " a law needs"),
        ("law: 劳动法\n", "1: the file must be a list"),
        ("5\n", "1: the file must be a list"),
    ],
)
def test_malformed_law_facts_are_refused(tmp_path: Path, text: str, place_and_reason: str) -> None:
    assert refusal(load_laws, tmp_path / "laws.yml", text).startswith(place_and_reason)


def test_law_facts_know_their_articles(tmp_path: Path) -> None:
    path = tmp_path / "laws.yml"
    path.write_text(LAW.replace("107", "107, inserted: [96之一]"), encoding="utf-8")
    law = load_laws(path)["劳动法"]
    assert [law.has(a) for a in ((1, 0), (107, 0), (96, 1))] == [True] * 3
    assert [law.has(a) for a in ((0, 0), (108, 0), (96, 2), (1, 1))] == [False] * 4


@pytest.mark.parametrize("load", [load_laws, load_matters, load_emergencies])
def test_an_empty_list_is_no_error(tmp_path: Path, load) -> None:
    path = tmp_path / "x.yml"
    path.write_text("# 空\n", encoding="utf-8")
    assert load(path) == {}


@pytest.mark.parametrize("text", ["- {id: labour, title: 劳动}\n", "- labour\n", "labour\n"])
def test_malformed_matters_are_refused(tmp_path: Path, text: str) -> None:
    refusal(load_matters, tmp_path / "matters.yml", text)


CRISIS = (
    "- {kind: a, title: 甲, numbers: [{number: 110, for: 报警}], say: 打110, next: [走], urgent: ['打(我|人)']}\n"
)


@pytest.mark.parametrize(
    ("text", "place_and_reason"),
    [
        (CRISIS + CRISIS.replace("打(我", "打([我"), "2: not a regular expression"),
        (CRISIS + CRISIS.replace("say: 打110, ", ""), "2: an emergency needs"),
        (CRISIS.replace("{number: 110, for: 报警}", "110"), "1: an emergency needs"),
        ("- 打110\n", " an emergency needs"),
    ],
)
def test_malformed_emergencies_are_refused(tmp_path: Path, text: str, place_and_reason: str) -> None:
    assert refusal(load_emergencies, tmp_path / "crisis.yml", text).startswith(place_and_reason)


def test_an_emergency_may_lack_calm_words(tmp_path: Path) -> None:
    path = tmp_path / "crisis.yml"
    path.write_text(CRISIS, encoding="utf-8")
    emergency = load_emergencies(path)["a"]
    assert (emergency.numbers, emergency.calm) == ((("110", "报警"),), ())


@pytest.mark.parametrize(
    ("old", "new", "place_and_reason"),
    [
        ("street: 梨树街道\n", "", "1: “street” is missing"),
        ("phone: 02300001234", "phone:", "1: “phone” is missing"),
        ("advisers:\n  - {id: chen, name: 陈律师, phone: 0231234567}", "advisers: []", "1: “advisers” is missing"),
        (
            "advisers:\n  - {id: chen, name: 陈律师, phone: 0231234567}",
            "advisers: chen",
            "1: “advisers” must be a list",
        ),
        ("{id: qinggang, name: 青杠社区, adviser: chen}", "{id: qinggang, adviser: chen}", "7: “name” is missing"),
        ("id: qinggang", "id: 青杠", "7: community id “青杠” stands in links"),
        ("id: qinggang", "id: Qinggang", "7: community id “Qinggang” stands in links"),
        ("id: qinggang", "id: " + "q" * 32, "7: community id"),
        (
            "青杠社区, adviser: chen",
            "青杠社区, adviser: zhou",
            "7: 青杠社区: adviser “zhou” is not among the advisers",
        ),
        ("id: qinggang", "id: baima", " two communities have the same id"),
        ("  - {number: 12348, name: 热线}", "  - 12348", " “number” is missing"),
        ("{number: 12348, name: 热线}", "{number: 12348}", "11: “name” is missing"),
        ("hours: 周一至周五", "hours: 周一\nhours: 周二", "5: the key “hours” stands twice"),
        (GOOD_STREET, "梨树街道", " street.yml must begin with keys"),
    ],
)
def test_a_malformed_street_file_is_refused(tmp_path: Path, old: str, new: str, place_and_reason: str) -> None:
    assert old in GOOD_STREET
    message = refusal(load_street, tmp_path / "street.yml", GOOD_STREET.replace(old, new))
    assert message.startswith(place_and_reason)


def test_an_id_of_digits_is_refused_as_text(tmp_path: Path) -> None:
    assert refusal(load_street, tmp_path / "street.yml", STREET).startswith("7: community id “2027”")


def test_phone_numbers_stand_as_they_are_written(tmp_path: Path) -> None:
    path = tmp_path / "street.yml"
    path.write_text(GOOD_STREET, encoding="utf-8")
    street = load_street(path)
    assert street.phone == "02300001234"
    assert street.list_members("adviser")[0].phone == "0231234567"
    assert street.hotlines == (("12348", "热线"),)


def test_a_missing_file_names_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="falin init"):
        load_street(tmp_path / "street.yml")
