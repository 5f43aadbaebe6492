"""A folder of law texts: one markdown file per law, articles beginning with 第…条.

The format is that of public law collections: a first heading with the title, lines on when the law
was passed, `<!-- INFO END -->`, then headings and articles. The version's date stands in the file
name: 劳动合同法(2012-12-28).md. Users bring such a folder themselves; falin contains no law texts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bot.knowledge.citations import law_title
from bot.knowledge.numerals import ARTICLE, HAN, Article, from_han

TITLE = re.compile(r"^# (.+)$", re.M)
FILE_DATE = re.compile(r"\((\d{4})-(\d\d)-(\d\d)\)\.md$")
HEAD_DATE = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日")
BODY_MARK = "<!-- INFO END -->"
COMMENCEMENT = re.compile(r"自(?:(\d{4})年(\d{1,2})月(\d{1,2})日|(公布之日))起(?:施行|实施|生效)")
LEADING_ARTICLE = re.compile(rf"第[{HAN}]+条(?:之[{HAN}]+)?")


@dataclass
class LawText:
    """One version of one law.

    Args:
        title: without 中华人民共和国.  version: the date it was adopted or last amended, None if unknown.
        articles: text by article number.  commencement: the date its own last articles name, if any.
    """

    title: str
    version: date | None
    articles: dict[Article, str]
    commencement: date | None
    file: Path


def _articles(body: str) -> dict[Article, str]:
    articles: dict[Article, str] = {}
    current: Article | None = None
    for line in map(str.strip, body.splitlines()):
        if line.startswith("#"):
            current = None
        elif match := LEADING_ARTICLE.match(line):
            parts = ARTICLE.match(match[0])
            assert parts
            current = (from_han(parts[1]), from_han(parts[2]) if parts[2] else 0)
            articles.setdefault(current, "")
            articles[current] += line + "\n"
        elif line and current:
            articles[current] += line + "\n"
    return articles


def _commencement(articles: dict[Article, str], version: date | None) -> date | None:
    for text in reversed(list(articles.values())[-3:]):
        if match := COMMENCEMENT.search(text):
            return version if match[4] else date(int(match[1]), int(match[2]), int(match[3]))
    return None


def _head_dates(head: str) -> tuple[list[date], date | None]:
    """The dates of adoption and amendment, and the date of commencement if the head names it."""
    adopted, begins = [], None
    for line in head.splitlines():
        for found in HEAD_DATE.findall(line):
            day = date(*map(int, found))
            if "施行" in line:
                begins = day
            else:
                adopted.append(day)
    return adopted, begins


def read_law(path: Path) -> LawText | None:
    """Read one file; None when it holds no articles (a decision, an amendment)."""
    text = path.read_text(encoding="utf-8")
    head, _, body = text.partition(BODY_MARK)
    articles = _articles(body or text)
    if not articles:
        return None
    title = TITLE.search(head)
    named = FILE_DATE.search(path.name)
    adopted, begins = _head_dates(head)
    # The codes carry no date in their names: their version is the last adoption in the head.
    version = date(*map(int, named.groups())) if named else max(adopted, default=None)
    commencement = begins or _commencement(articles, version)
    return LawText(law_title(title[1] if title else path.stem), version, articles, commencement, path)


def read_laws(folder: Path) -> Iterator[LawText]:
    """Every law in the folder and below, one LawText a file, ordered by path."""
    for path in sorted(folder.rglob("*.md")):
        law = read_law(path)
        if law:
            yield law


def merge_versions(laws: Iterator[LawText]) -> dict[str, dict[date | None, LawText]]:
    """Laws by title, then by version; books of one code that lie in several files become one text."""
    merged: dict[str, dict[date | None, LawText]] = {}
    for law in laws:
        versions = merged.setdefault(law.title, {})
        if law.version in versions:
            versions[law.version].articles.update(law.articles)
        else:
            versions[law.version] = law
    return merged
