"""The imported law texts. Public texts: nothing in them is sealed."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.knowledge.law_library import ArticleText, LawVersion
from bot.knowledge.numerals import Article
from bot.knowledge.statutes import LawText
from bot.storage.tables import law_articles, law_files

HEADING_LENGTH = 200


class SqlLaws:
    """See bot.services.ports.Laws."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def digests(self) -> dict[str, str]:
        """Digest of every imported file by its name."""
        rows = self._connection.execute(sa.select(law_files.c.name, law_files.c.digest))
        return {name: digest for name, digest in rows}

    def save(self, name: str, digest: str, law: LawText) -> None:
        """Add a file's law, in place of what an earlier file of that name held."""
        self._connection.execute(sa.delete(law_files).where(law_files.c.name == name))
        row = {
            "name": name,
            "digest": digest,
            "law": law.title,
            "version": law.version,
            "begins": law.begins,
            "repeals": list(law.repeals),
        }
        file_id = self._connection.execute(sa.insert(law_files).values(row)).inserted_primary_key[0]
        articles = [
            {
                "file_id": file_id,
                "number": number,
                "inserted": inserted,
                "heading": law.headings.get((number, inserted), "")[:HEADING_LENGTH],
                "text": text.strip(),
            }
            for (number, inserted), text in law.articles.items()
        ]
        self._connection.execute(sa.insert(law_articles), articles)

    def list_versions(self) -> list[LawVersion]:
        """Every version of every law, ordered by title and version; books of one code are one version."""
        columns = law_files.c
        rows = self._connection.execute(
            sa.select(columns.law, columns.version, columns.begins, columns.repeals).order_by(
                columns.law, columns.version, columns.name
            )
        )
        merged: dict[tuple[object, ...], LawVersion] = {}
        for law, version, begins, repeals in rows:
            known = merged.get((law, version))
            # Only the book with the closing articles names the day on which a code begins.
            latest = max((day for day in (begins, known and known.begins) if day), default=None)
            joined = (*(known.repeals if known else ()), *repeals)
            merged[law, version] = LawVersion(law, version, latest, joined)
        return list(merged.values())

    def list_articles(self, version: LawVersion) -> list[ArticleText]:
        """All articles of one version, in order."""
        rows = self._connection.execute(
            _articles_of(version).order_by(law_articles.c.number, law_articles.c.inserted)
        )
        return [
            ArticleText(version.law, (number, inserted), heading, text) for number, inserted, heading, text in rows
        ]

    def find_article(self, version: LawVersion, article: Article) -> ArticleText | None:
        """One article; None when this version has no such number."""
        number, inserted = article
        query = _articles_of(version).where(law_articles.c.number == number, law_articles.c.inserted == inserted)
        row = self._connection.execute(query).first()
        return ArticleText(version.law, article, row.heading, row.text) if row else None


def _articles_of(version: LawVersion) -> sa.sql.Select:
    columns = law_articles.c
    return (
        sa.select(columns.number, columns.inserted, columns.heading, columns.text)
        .join(law_files, law_files.c.id == columns.file_id)
        .where(law_files.c.law == version.law, law_files.c.version.is_not_distinct_from(version.version))
    )
