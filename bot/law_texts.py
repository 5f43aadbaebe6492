"""The imported law texts and their search index under FALIN_HOME: import, keep current, search without the agent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from bot.domain.errors import NotReady
from bot.knowledge.citations import Citation
from bot.knowledge.law_library import ArticleText, versions_in_force
from bot.nlu.crisis import CrisisDetector
from bot.nlu.lexicon import LegalTokeniser, load_lexicon
from bot.nlu.model_file import read_model_archive
from bot.nlu.normalise import normalise
from bot.nlu.statute_index import StatuteIndex
from bot.nlu.understand import Thresholds, Understander
from bot.services.laws import ImportReport, find_articles, import_laws, library_digest, list_articles_in_force
from bot.services.unit_of_work import UnitOfWork, UnitOfWorkFactory
from bot.settings import PROJECT, Settings

Progress = Callable[[str, int, int], Any]  # what is being done, how far, of how many


def _silent(what: str, done: int, total: int) -> None:
    """Nobody watches."""


def import_folder(
    settings: Settings, open_unit: UnitOfWorkFactory, folder: Path, today: date, progress: Progress
) -> ImportReport:
    """Import a folder of law texts and build the index anew if anything changed.

    Raises:
        NotReady: the folder holds no law texts.
    """
    count = len(list(folder.rglob("*.md"))) if folder.is_dir() else 0
    done = 0

    def tick(_: Path) -> None:
        nonlocal done
        done += 1
        progress("reading law texts", done, count)

    with open_unit() as uow:
        report = import_laws(uow, folder, tick)
        uow.commit()
    keep_index_current(settings, open_unit, today, progress)
    return report


def keep_index_current(
    settings: Settings, open_unit: UnitOfWorkFactory, today: date, progress: Progress = _silent
) -> StatuteIndex | None:
    """The index of what is law today; rebuilt when the texts changed or a new version has begun. None without texts."""
    with open_unit(read_only=True) as uow:
        digest = _digest(uow, today)
        if not digest:
            return None
        index = StatuteIndex.load(settings.statute_index)
        if index and index.digest == digest:
            return index
        articles = list(list_articles_in_force(uow, today))
    done = 0

    def tick() -> None:
        nonlocal done
        done += 1
        if done % 500 == 0 or done == len(articles):
            progress("indexing articles", done, len(articles))

    index = StatuteIndex.fit(articles, digest, tick)
    index.save(settings.statute_index)
    return index


def require_index(settings: Settings) -> StatuteIndex:
    """Raises NotReady when no law texts are imported."""
    index = StatuteIndex.load(settings.statute_index)
    if index is None:
        raise NotReady("no law texts are imported", "run: falin laws import FOLDER")
    return index


def _digest(uow: UnitOfWork, today: date) -> str:
    digests = uow.laws.digests()
    in_force = versions_in_force(uow.laws.list_versions(), today)
    return library_digest(list(in_force.values()), digests) if digests else ""


def search_statutes(
    index: StatuteIndex, model_file: Path, open_unit: UnitOfWorkFactory, question: str, today: date, limit: int
) -> list[ArticleText]:
    """The texts of the articles a lay question is about, best first."""
    model, tokeniser = read_model_archive(model_file), LegalTokeniser(load_lexicon(PROJECT / "nlu_data"))
    understander = Understander(model, CrisisDetector([]), Thresholds(), index)
    hits = understander.search_statutes(normalise(question), tokeniser.tokens(question))[:limit]
    with open_unit(read_only=True) as uow:
        return find_articles(uow, tuple(Citation(hit.law, hit.article) for hit in hits), today)
