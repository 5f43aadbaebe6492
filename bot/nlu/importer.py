"""Training data from the knowledge: every entry becomes one message that carries all its questions."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.knowledge.entries import Entry, load_entries
from bot.nlu.entry_message import ENTRY, EntryData
from bot.nlu.gate import LEGAL
from bot.settings import PROJECT


class KnowledgeImporter(RasaFileImporter):
    """Rasa's own file importer, plus nlu_data/faq.

    Without training paths it takes nlu_data/intents and stories, so that `rasa train`,
    `rasa data validate` and `rasa test` find them without options.
    """

    def __init__(
        self,
        config_file: str | None = None,
        domain_path: Any = None,
        training_data_paths: Any = None,
        **kwargs: Any,
    ) -> None:
        named = [training_data_paths] if isinstance(training_data_paths, str) else list(training_data_paths or ())
        # `rasa train` without options names [None], other commands Rasa's default folder.
        paths = [path for path in named if path and Path(path).exists() and Path(path).name != "data"]
        super().__init__(
            config_file,
            domain_path or str(PROJECT / "domain.yml"),
            paths or [str(PROJECT / "nlu_data" / "intents"), str(PROJECT / "stories")],
        )

    @lru_cache(maxsize=1)  # noqa: B019  Rasa asks several times, with and without the language
    def _all_data(self) -> TrainingData:
        entries = load_entries(PROJECT / "nlu_data" / "faq").values()
        return super().get_nlu_data("zh").merge(TrainingData([entry_message(entry) for entry in entries]))

    def get_nlu_data(self, language: str | None = "zh") -> TrainingData:
        """Examples of all intents, and the entries."""
        return self._all_data()


def entry_message(entry: Entry) -> Message:
    """The entry as one training message; Rasa handles hundreds of messages far better than ten thousands."""
    body = "。".join((entry.answer, *entry.steps, *entry.evidence, entry.deadline.text if entry.deadline else ""))
    basis = tuple((citation.law, *citation.article) for citation in dict.fromkeys(entry.citations))
    data = EntryData(entry.id, tuple(entry.ask), body, basis)
    return Message({TEXT: entry.title, INTENT: LEGAL, ENTRY: data})
