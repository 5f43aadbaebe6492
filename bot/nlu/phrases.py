"""Every way of asking that the entries list: how near the nearest one of an entry comes to a question.

An entry as a whole is the better guide to most questions; but whoever asks what is written there nearly word for word
shall be answered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bot.nlu.entry_index import Document


@dataclass(frozen=True)
class Phrases:
    """The features of each phrase, and whose it is.

    Args:
        columns: features, phrase after phrase.  starts: (phrases + 1,) where each begins in them.
        entries: (entries + 1,) the first phrase of each entry: its questions, then its title.
    """

    columns: np.ndarray
    starts: np.ndarray
    entries: np.ndarray

    @classmethod
    def of(cls, documents: Sequence[Document], vocabulary: Mapping[str, int]) -> Phrases:
        """Questions and titles of documents. Args: vocabulary: of all their features."""
        bags = [question.features for d in documents for question in (*d.questions, d.title)]
        columns = np.fromiter((vocabulary[feature] for bag in bags for feature in bag), np.int32)
        sizes = [len(d.questions) + 1 for d in documents]
        return cls(columns, _starts([len(bag) for bag in bags]), _starts(sizes))

    @cached_property
    def _width(self) -> int:
        return int(self.columns.max(initial=0)) + 1

    def nearest(self, entries: np.ndarray, known: np.ndarray, size: int) -> np.ndarray:
        """For each entry the share (0..1) of features that a question and its nearest phrase have in common.

        Args:
            known: columns of the question's features.  size: how many it has, unknown ones too.
        """
        first, count = self.entries[entries], self.entries[entries + 1] - self.entries[entries]
        rows = _ranges(first, count)
        lengths = self.starts[rows + 1] - self.starts[rows]
        asked = np.zeros(self._width, np.int32)
        asked[known[known < len(asked)]] = 1
        sums = np.concatenate([[0], np.cumsum(asked[self.columns[_ranges(self.starts[rows], lengths)]])])
        ends = np.cumsum(lengths)
        common = sums[ends] - sums[ends - lengths]
        near = common / np.maximum(size + lengths - common, 1)
        return np.maximum.reduceat(near, _starts(count)[:-1]) if len(entries) else np.zeros(0)


def _starts(sizes: Sequence[int] | np.ndarray) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)


def _ranges(first: np.ndarray, count: np.ndarray) -> np.ndarray:
    """first[0], first[0] + 1, … count[0] numbers; then those from first[1]; and so on."""
    return np.asarray(np.repeat(first - _starts(count)[:-1], count) + np.arange(int(count.sum())))
