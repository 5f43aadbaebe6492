"""Citations: a law by its title, an article by its number."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.knowledge.numerals import Article, article_name


def law_title(written: str) -> str:
    """The key under which a law is known: no spaces, no 中华人民共和国 in front, no 《》 around it."""
    title = re.sub(r"\s", "", written).replace("<", "〈").replace(">", "〉")
    if title.startswith("《") and title.endswith("》") and title.count("《") == 1:
        title = title[1:-1]
    return title.removeprefix("中华人民共和国")


@dataclass(frozen=True)
class Citation:
    """One article of one law, e.g. Citation("劳动合同法", (85, 0))."""

    law: str
    article: Article

    def __str__(self) -> str:
        return f"《{self.law}》{article_name(self.article)}"

    def as_dict(self) -> dict[str, str]:
        """As the ask contract writes it."""
        return {"law": self.law, "article": article_name(self.article)}
