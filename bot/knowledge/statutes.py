"""A folder of law texts: one markdown file per law, articles beginning with 第…条.

The format is that of public law collections: a first heading with the title, lines on when the law
was passed, `<!-- INFO END -->`, then headings and articles. The version's date stands in the file
name: 劳动合同法(2012-12-28).md. Users bring such a folder themselves; falin contains no law texts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from bot.domain.errors import ConfigError
from bot.knowledge.citations import law_title
from bot.knowledge.numerals import ARTICLE, HAN, Article, from_han

TITLE = re.compile(r"^# (.+)$", re.M)
FILE_DATE = re.compile(r"\((\d{4})-(\d\d)-(\d\d)\)\.md$")
HEAD_DATE = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日")
BODY_MARK = "<!-- INFO END -->"
COMMENCEMENT = re.compile(r"自(?:(\d{4})年(\d{1,2})月(\d{1,2})日|(公布之日))起(?:施行|实施|生效)")
# What an article repeals: every title named in a sentence such as 《…》、《…》同时废止。
REPEAL = re.compile(r"[^。；]*(?:同时废止|即行废止|予以废止|同时失效)")
HEADING_NUMBER = re.compile(rf"^第[{HAN}]+[编章节]\s*|^附\s*则$")
# A title followed by 第…条 loses that article only.
NAMED = re.compile(rf"《([^《》]+)》(?!(?:（[^）]*）)?的?第[{HAN}]+[编章条])")
LEADING_ARTICLE = re.compile(rf"第[{HAN}]+条(?:之[{HAN}]+)?")
# A few rules of the Supreme Court count their articles 1. 2. 3. from the first to the last.
NUMBERED = re.compile(r"(\d{1,3})[.．、]")
LEAST_NUMBERED = 5


@dataclass
class LawText:
    """One version of one law.

    Args:
        title: without 中华人民共和国.  version: the date it was adopted or last amended, None if unknown.
        articles: text by article number.  commencement: the date its own last articles name, if any.
        headings: chapter or section each article stands in.  repeals: laws its last articles repeal.
    """

    title: str
    version: date | None
    articles: dict[Article, str]
    commencement: date | None
    file: Path
    headings: dict[Article, str] = field(default_factory=dict)
    repeals: tuple[str, ...] = ()

    @property
    def begins(self) -> date | None:
        """First day in force; the texts name a law's first commencement, not an amendment's."""
        return self.version and max(self.version, self.commencement or self.version)


def _number(line: str) -> Article | None:
    """The article that begins with this line."""
    if not (match := LEADING_ARTICLE.match(line)):
        return None
    parts = ARTICLE.match(match[0])
    assert parts
    return from_han(parts[1]), from_han(parts[2]) if parts[2] else 0


def _counted_number(line: str) -> Article | None:
    return (int(match[1]), 0) if (match := NUMBERED.match(line)) else None


def _counts_its_articles(body: str) -> bool:
    """Whether 1. 2. 3. … run through the whole text: an amending decision begins anew for every law it changes."""
    counted = [number[0] for line in body.splitlines() if (number := _counted_number(line.strip()))]
    return len(counted) >= LEAST_NUMBERED and counted == list(range(1, len(counted) + 1))


def _articles(body: str) -> tuple[dict[Article, str], dict[Article, str]]:
    """Text and heading of each article."""
    articles: dict[Article, str] = {}
    headings: dict[Article, str] = {}
    current: Article | None = None
    heading, lines = "", [line.strip() for line in body.splitlines()]
    begins = (
        _number if any(map(LEADING_ARTICLE.match, lines)) or not _counts_its_articles(body) else _counted_number
    )
    for line in lines:
        if line.startswith("#"):
            current, heading = None, HEADING_NUMBER.sub("", line.lstrip("# ")).strip()
        elif number := begins(line):
            current = number
            articles.setdefault(current, "")
            headings.setdefault(current, heading)
            articles[current] += line + "\n"
        elif line and current:
            articles[current] += line + "\n"
    return articles, headings


def _commencement(articles: dict[Article, str], version: date | None) -> date | None:
    for text in reversed(list(articles.values())[-3:]):
        if match := COMMENCEMENT.search(text):
            return version if match[4] else date(int(match[1]), int(match[2]), int(match[3]))
    return None


def _repeals(articles: dict[Article, str]) -> tuple[str, ...]:
    sentences = [s for text in list(articles.values())[-4:] for s in REPEAL.findall(text)]
    return tuple(dict.fromkeys(law_title(title) for s in sentences for title in NAMED.findall(s)))


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
    """Read one file; None when it holds no numbered articles (a decision, a reply, an amendment).

    Raises:
        ConfigError: it cannot be read as such a file; names it.
    """
    try:
        text = path.read_text(encoding="utf-8")
        head, _, body = text.partition(BODY_MARK)
        articles, headings = _articles(body or text)
        if not articles:
            if not TITLE.search(head):
                raise ConfigError("no heading and no article", "a law begins with “# title”", file=path)
            return None
        title = TITLE.search(head)
        named = FILE_DATE.search(path.name)
        adopted, begins = _head_dates(head)
        # The codes carry no date in their names: their version is the last adoption in the head.
        version = date(*map(int, named.groups())) if named else max(adopted, default=None)
        commencement = begins or _commencement(articles, version)
    except (OSError, ValueError) as error:  # not UTF-8, or a day such as 31 February
        raise ConfigError(f"cannot be read: {error}", "save it as UTF-8 text", file=path) from None
    return LawText(
        law_title(title[1] if title else path.stem),
        version,
        articles,
        commencement,
        path,
        headings,
        _repeals(articles),
    )


def list_law_files(folder: Path) -> list[Path]:
    """Every law file in the folder and below, ordered by path."""
    return sorted(folder.rglob("*.md"))


def read_laws(folder: Path) -> Iterator[LawText]:
    """Every law in the folder and below, one LawText a file; what is malformed raises ConfigError."""
    for path in list_law_files(folder):
        if law := read_law(path):
            yield law


def merge_versions(laws: Iterator[LawText]) -> dict[str, dict[date | None, LawText]]:
    """Laws by title, then by version; books of one code that lie in several files become one text."""
    merged: dict[str, dict[date | None, LawText]] = {}
    for law in laws:
        versions = merged.setdefault(law.title, {})
        if law.version in versions:
            known = versions[law.version]
            known.articles.update(law.articles)
            known.headings.update(law.headings)
            known.repeals += law.repeals
            # Only the book with the closing articles names the day on which a code begins.
            known.commencement = max((day for day in (known.commencement, law.commencement) if day), default=None)
        else:
            versions[law.version] = law
    return merged
