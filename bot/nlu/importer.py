"""Training data from the knowledge: every entry's questions become examples of one retrieval intent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.shared.utils.common import cached_method

from bot.knowledge.entries import Entry, load_entries
from bot.nlu.components import ENTRY, ENTRY_PART
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
        paths = [path for path in named if Path(path).exists() and Path(path).name != "data"]
        super().__init__(
            config_file,
            domain_path or str(PROJECT / "domain.yml"),
            paths or [str(PROJECT / "nlu_data" / "intents"), str(PROJECT / "stories")],
        )

    @cached_method
    def get_nlu_data(self, language: str | None = "zh") -> TrainingData:
        """Examples of all intents, and those of the entries."""
        questions = [
            m for entry in load_entries(PROJECT / "nlu_data" / "faq").values() for m in entry_messages(entry)
        ]
        return super().get_nlu_data(language).merge(TrainingData(questions))


def entry_messages(entry: Entry) -> list[Message]:
    """The entry's questions, title and body as training messages."""
    texts = [(question, "question") for question in entry.ask] + [(entry.title, "title")]
    body = "。".join((entry.answer, *entry.steps, *entry.evidence, entry.deadline.text if entry.deadline else ""))
    texts.append((body, "body"))
    return [Message({TEXT: text, INTENT: LEGAL, ENTRY: entry.id, ENTRY_PART: part}) for text, part in texts]
