"""Which articles a lay question is about: BM25 over the characters and character pairs of every article.

Characters need no word list, so the index depends on the law texts alone. In measurements over real questions
(docs/answering.md) single characters and pairs together found more than words, pairs, or pairs and triples.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bot.knowledge.citations import Citation
from bot.knowledge.law_library import ArticleText

K1, B = 2.0, 0.5
# What stands in an eighth of all articles costs most of the time and tells next to nothing.
MOST_ARTICLES, AT_LEAST = 0.12, 1_000
BREAKS = re.compile(r"[\W_]+")
NUMBER = re.compile(r"^第[^条]{1,9}条(?:之[一二三四五六七八九十]+)?")
# Parts of a title that hundreds of titles share.
TITLE_FRAME = re.compile(
    r"最高人民法院|最高人民检察院|关于|适用法律|若干问题的?|的?解释|的?规定|审理|案件|中华人民共和国"
)
ARRAYS = ("data", "indices", "indptr")


def text_features(text: str) -> list[str]:
    """Characters and pairs of neighbouring characters, each once."""
    found: dict[str, None] = {}
    for part in BREAKS.split(text):
        found.update(dict.fromkeys(part))
        found.update(dict.fromkeys(part[i : i + 2] for i in range(len(part) - 1)))
    return list(found)


def _article_bag(article: ArticleText) -> Counter[str]:
    bag: Counter[str] = Counter()
    for part in (NUMBER.sub("", article.text), TITLE_FRAME.sub(" ", article.law), article.heading):
        for piece in BREAKS.split(part):
            bag.update(piece)
            bag.update(piece[i : i + 2] for i in range(len(piece) - 1))
    return bag


@dataclass(frozen=True)
class StatuteIndex:
    """Every article in force on one day.

    Args:
        citations: one a column.  vocabulary: feature → row.
        data, indices, indptr: rows of a sparse matrix (features, articles) of BM25 weights.
        digest: of the library it was made from.
    """

    citations: Sequence[Citation]
    vocabulary: dict[str, int]
    data: np.ndarray
    indices: np.ndarray
    indptr: np.ndarray
    digest: str = ""

    @classmethod
    def fit(
        cls, articles: Sequence[ArticleText], digest: str = "", progress: Callable[[], Any] = lambda: None
    ) -> StatuteIndex:
        """Build the index. Args: progress: called once an article."""
        rows: dict[str, int] = {}
        row_of, counts, sizes = [], [], np.zeros(len(articles), np.int64)
        lengths = np.zeros(len(articles), np.float32)
        for column, article in enumerate(articles):
            bag = _article_bag(article)
            row_of.append(np.fromiter((rows.setdefault(f, len(rows)) for f in bag), np.int32, len(bag)))
            counts.append(np.fromiter(bag.values(), np.float32, len(bag)))
            sizes[column], lengths[column] = len(bag), bag.total()
            progress()
        row, count = _joined(row_of, np.int32), _joined(counts, np.float32)
        column_of = np.repeat(np.arange(len(articles), dtype=np.int32), sizes)
        frequency = np.bincount(row, minlength=len(rows))
        idf = np.log(1 + (len(articles) - frequency + 0.5) / (frequency + 0.5)).astype(np.float32)
        norm = K1 * (1 - B + B * lengths / max(float(lengths.mean()) if len(lengths) else 1.0, 1.0))
        weights = (count * (K1 + 1) / (count + norm[column_of]) * idf[row]).astype(np.float32)
        order = np.argsort(row, kind="stable")
        indptr = np.concatenate([[0], np.cumsum(frequency)]).astype(np.int64)
        citations = [article.citation for article in articles]
        return cls(citations, rows, weights[order], column_of[order], indptr, digest)

    def scores(self, text: str) -> np.ndarray:
        """BM25 of every article for a question, shape (articles,). Args: text: normalised."""
        total = np.zeros(len(self.citations), np.float32)
        most = max(AT_LEAST, MOST_ARTICLES * len(total))
        for feature in text_features(text):
            row = self.vocabulary.get(feature)
            if row is None:
                continue
            start, end = self.indptr[row], self.indptr[row + 1]
            if end - start <= most:
                total[self.indices[start:end]] += self.data[start:end]
        return total

    def save(self, folder: Path) -> None:
        """Write it; the file of names comes last, so that a half-written index is never taken for one."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "names.json").unlink(missing_ok=True)
        for name in ARRAYS:
            np.save(folder / f"{name}.npy", getattr(self, name))
        names: dict[str, Any] = {
            "digest": self.digest,
            "features": list(self.vocabulary),
            "laws": list(dict.fromkeys(c.law for c in self.citations)),
        }
        number = {law: i for i, law in enumerate(names["laws"])}
        names["articles"] = [[number[c.law], *c.article] for c in self.citations]
        fresh = folder / "names.json.new"
        fresh.write_text(json.dumps(names, ensure_ascii=False), encoding="utf-8")
        fresh.replace(folder / "names.json")

    @classmethod
    def load(cls, folder: Path) -> StatuteIndex | None:
        """The saved index; None when there is none that can be read."""
        try:
            names = json.loads((folder / "names.json").read_text(encoding="utf-8"))
            arrays = [np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False) for name in ARRAYS]
            laws = names["laws"]
            citations = [Citation(laws[law], (number, inserted)) for law, number, inserted in names["articles"]]
        except (OSError, ValueError, KeyError, IndexError):
            return None
        vocabulary = {feature: row for row, feature in enumerate(names["features"])}
        # Plain arrays: a memory map answers each slice through a slower class of its own.
        data, indices, indptr = (array.view(np.ndarray) for array in arrays)
        return cls(citations, vocabulary, data, indices, indptr, names["digest"])


def _joined(parts: Iterable[np.ndarray], kind: Any) -> np.ndarray:
    parts = list(parts)
    return np.concatenate(parts) if parts else np.zeros(0, kind)
