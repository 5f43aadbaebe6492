"""The lexicon files under nlu_data, and the tokeniser built from them."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.domain.errors import ConfigError
from bot.knowledge.yaml_file import load_yaml
from bot.nlu.normalise import FillerStripper, normalise


@dataclass(frozen=True)
class Lexicon:
    """Args: synonyms: word → term it stands for; openings, closings: frame phrases; dictionary: jieba lines."""

    synonyms: Mapping[str, str]
    openings: Sequence[str]
    closings: Sequence[str]
    dictionary: Path


def load_lexicon(folder: Path) -> Lexicon:
    """Read lexicon/synonyms.yml, lexicon/fillers.yml and jieba/legal.txt below nlu_data.

    Raises:
        ConfigError: malformed, or a word stands for two terms; names file and line.
    """
    path = folder / "lexicon" / "synonyms.yml"
    synonyms: dict[str, str] = {}
    for row in load_yaml(path):
        for word in row["also"]:
            if not isinstance(word, str):
                raise ConfigError(f"{word!r} is not text", "put it in quotes", file=path, line=row["__line__"])
            if synonyms.get(word, row["term"]) != row["term"]:
                raise ConfigError(
                    f"“{word}” stands for “{synonyms[word]}” and “{row['term']}”",
                    "keep one",
                    file=path,
                    line=row["__line__"],
                )
            synonyms[word] = row["term"]
    fillers = load_yaml(folder / "lexicon" / "fillers.yml")
    closings = [*fillers["closings"], *fillers["particles"]]
    return Lexicon(synonyms, fillers["greetings"], closings, folder / "jieba" / "legal.txt")


def lexicon_fingerprint(folder: Path) -> str:
    """Changes whenever a file that shapes the tokens does."""
    digest = hashlib.sha256()
    for path in sorted([*(folder / "lexicon").glob("*.yml"), *(folder / "jieba").glob("*.txt")]):
        digest.update(path.read_bytes())
    return digest.hexdigest()


class LegalTokeniser:
    """Normalises, cuts the frame off and splits with jieba and the legal dictionary."""

    def __init__(self, lexicon: Lexicon) -> None:
        import jieba

        jieba.setLogLevel(logging.WARNING)
        # A tokeniser of its own: the process-wide one belongs to whoever else uses jieba.
        self._jieba: Any = jieba.Tokenizer()
        with lexicon.dictionary.open(encoding="utf-8") as lines:
            self._jieba.load_userdict(lines)
        for word in lexicon.synonyms:
            if len(word) > 1 and not self._jieba.FREQ.get(word):
                self._jieba.add_word(word, 20_000)
        self._synonyms = {normalise(word): term for word, term in lexicon.synonyms.items()}
        self._stripper = FillerStripper(lexicon.openings, lexicon.closings)

    def core(self, text: str) -> str:
        """The normalised question without its frame."""
        return self._stripper.strip(normalise(text))

    def tokens(self, text: str) -> list[str]:
        """Standard terms of the question, in order; punctuation and spaces dropped."""
        words = self._jieba.cut(self.core(text), HMM=False)
        return [self._synonyms.get(word, word) for word in words if any(char.isalnum() for char in word)]
