"""Sparse features of a question: its words (w), and pairs of neighbouring characters (c)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

# Function words say how something is asked, not about what.
STOP_WORDS = frozenset(
    "的 了 吗 呢 吧 啊 我 你 他 她 它 我们 他们 是 在 有 和 与 就 都 也 又 还 要 会 能 可以 怎么 怎么办 什么 如何 一个 这 那 这个 那个 该 把 被 给 让 对 到 说 去 来 着 过 得 地 之 为 以 等 及 或 请问 一下".split()  # noqa: SIM905
)

Features = Counter[str]


def question_features(tokens: Sequence[str]) -> Features:
    """Features of one text, with how often each occurs."""
    counts: Features = Counter("w" + token for token in tokens if token not in STOP_WORDS)
    text = "".join(tokens)
    counts.update("c" + text[start : start + 2] for start in range(len(text) - 1))
    return counts
