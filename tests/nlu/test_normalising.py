"""Questions in one form, and the tokens made of them."""
from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.bootstrap import PROJECT
from bot.domain.errors import ConfigError
from bot.nlu.lexicon import LegalTokeniser, lexicon_fingerprint, load_lexicon
from bot.nlu.normalise import FillerStripper, normalise

SYNONYMS = "- term: 妻子\n  also: [堂客, 婆娘]\n- term: 工资\n  also: [薪水]\n"
FILLERS = "greetings: [你好, 请问, 请问一下, 律师]\nclosings: [谢谢, 麻烦了]\nparticles: [呢, 吗, 嘛]\n"


def write_lexicon(folder: Path, synonyms: str = SYNONYMS, fillers: str = FILLERS, words: str = "经济补偿金 20000 n\n") -> Path:
    for name, text in (("lexicon/synonyms.yml", synonyms), ("lexicon/fillers.yml", fillers), ("jieba/legal.txt", words)):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def tokeniser(tmp_path_factory: pytest.TempPathFactory) -> LegalTokeniser:
    return LegalTokeniser(load_lexicon(write_lexicon(tmp_path_factory.mktemp("lexicon"))))


@pytest.fixture(scope="module")
def real_tokeniser() -> LegalTokeniser:
    return LegalTokeniser(load_lexicon(PROJECT / "nlu_data"))


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("老闆欠薪，遺囑無效", "老板欠薪,遗嘱无效"),
        ("ＡＢＣ１２３", "abc123"),
        ("救命啊啊啊啊啊", "救命啊"),
        ("哈哈", "哈哈"),
        ("欠我100000元", "欠我100000元"),
        ("老板😂不发👍工资", "老板 不发 工资"),
        ("  老板\n\t不发  工资 ", "老板 不发 工资"),
        ("怎么办？？？！！！", "怎么办?!"),
        ("", ""),
        ("㍿不发工资", "株式会社不发工资"),
        ("\u202e工资\u202c", "工资"),
    ],
)
def test_normalise_brings_writing_into_one_form(written: str, wanted: str) -> None:
    assert normalise(written) == wanted


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("你好，请问一下，老板不发工资呢？谢谢！", "老板不发工资"),
        ("请问律师工资怎么算吗", "工资怎么算"),
        ("你好", "你好"),
        ("谢谢", "谢谢"),
        ("请问吗", "请问吗"),
        ("？？", "??"),
    ],
)
def test_frame_is_cut_off_but_never_the_whole_question(tokeniser: LegalTokeniser, written: str, wanted: str) -> None:
    assert tokeniser.core(written) == wanted


@given(st.text())
def test_normalise_takes_any_text(text: str) -> None:
    assert normalise(text) == normalise(normalise(text)).strip()


@given(st.text(alphabet="你好请问谢谢吗呢 ，。工资", max_size=20))
def test_a_question_is_never_emptied(text: str) -> None:
    stripper = FillerStripper(["你好", "请问"], ["谢谢", "吗", "呢"])
    assert bool(stripper.strip(normalise(text))) == bool(normalise(text))


@given(text=st.text(max_size=60))
@settings(max_examples=200)
def test_tokeniser_takes_any_text(tokeniser: LegalTokeniser, text: str) -> None:
    for token in tokeniser.tokens(text):
        assert any(char.isalnum() for char in token)


def test_dialect_and_colloquial_words_become_standard_terms(tokeniser: LegalTokeniser) -> None:
    assert "妻子" in tokeniser.tokens("堂客要离婚")
    assert "妻子" in tokeniser.tokens("婆娘跑了")
    assert "工资" in tokeniser.tokens("薪水多少")
    assert "经济补偿金" in tokeniser.tokens("经济补偿金多少")


def test_the_real_lexicon_knows_the_words_of_chongqing(real_tokeniser: LegalTokeniser) -> None:
    assert "堂客" not in real_tokeniser.tokens("我堂客要离婚")
    assert real_tokeniser.tokens("我堂客要离婚") == real_tokeniser.tokens("我老婆要离婚")


def test_one_word_cannot_stand_for_two_terms(tmp_path: Path) -> None:
    folder = write_lexicon(tmp_path, synonyms="- term: 妻子\n  also: [对象]\n- term: 恋人\n  also: [对象]\n")
    with pytest.raises(ConfigError, match=r"synonyms\.yml:3.*对象"):
        load_lexicon(folder)


def test_a_word_that_yaml_takes_for_a_number_is_named(tmp_path: Path) -> None:
    folder = write_lexicon(tmp_path, synonyms="- term: 报警\n  also: [110]\n")
    with pytest.raises(ConfigError, match=r"synonyms\.yml:1.*110"):
        load_lexicon(folder)


@pytest.mark.parametrize("name", ["lexicon/synonyms.yml", "lexicon/fillers.yml", "jieba/legal.txt"])
def test_each_lexicon_file_changes_the_fingerprint(name: str, tmp_path: Path) -> None:
    folder = write_lexicon(tmp_path)
    before = lexicon_fingerprint(folder)
    with (folder / name).open("a", encoding="utf-8") as file:
        file.write("\n")
    assert lexicon_fingerprint(folder) != before


def test_two_tokenisers_do_not_disturb_each_other(tmp_path: Path) -> None:
    plain = LegalTokeniser(load_lexicon(write_lexicon(tmp_path / "a", words="")))
    before = plain.tokens("甲乙丙丁戊己怎么办")
    LegalTokeniser(load_lexicon(write_lexicon(tmp_path / "b", words="甲乙丙丁戊己 90000 n\n")))
    assert plain.tokens("甲乙丙丁戊己怎么办") == before
