"""falin's Rasa graph components: a tokenizer for legal Chinese and the matcher that decides.

Persisted as npz and JSON only: a model file must not be able to run code.
"""

from __future__ import annotations

import hashlib
import inspect
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT, TEXT_TOKENS
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.knowledge.citations import Citation
from bot.knowledge.emergencies import load_emergencies
from bot.nlu.crisis import CrisisDetector
from bot.nlu.entry_index import Document, Question
from bot.nlu.entry_message import ENTRY, TERMS, EntryTerms
from bot.nlu.features import question_features
from bot.nlu.lexicon import LegalTokeniser, lexicon_fingerprint, load_lexicon
from bot.nlu.model import Model
from bot.nlu.model_file import read_model, write_model
from bot.nlu.normalise import normalise
from bot.nlu.statute_index import StatuteIndex
from bot.nlu.understand import Thresholds, Understander
from bot.settings import PROJECT, read_settings

UNDERSTANDING = "understanding"
# What a model depends on beside its configuration and data.
MODULES = tuple(
    f"bot.nlu.{name}"
    for name in (
        "calibration",
        "entry_index",
        "entry_message",
        "features",
        "gate",
        "latent_space",
        "model",
        "phrases",
        "ranker",
        "statute_index",
        "understand",
    )
)


def _code_fingerprint(*modules: Any) -> str:
    """Rasa's fingerprint covers a component's own class only: add the modules it leans on."""
    return hashlib.sha256("".join(inspect.getsource(module) for module in modules).encode()).hexdigest()


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class LegalTokenizer(Tokenizer):
    """jieba with a legal dictionary; tokens are standard terms (堂客 becomes 妻子).

    Config: data: folder with lexicon/ and jieba/, relative to the project.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {
            "data": "nlu_data",
            "intent_tokenization_flag": False,
            "intent_split_symbol": "_",
            "token_pattern": None,
        }

    @staticmethod
    def supported_languages() -> list[str]:
        return ["zh"]

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__(config)
        self._tokeniser = LegalTokeniser(load_lexicon(PROJECT / config["data"]))

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LegalTokenizer:
        return cls(config)

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        files = lexicon_fingerprint(PROJECT / config.get("data", "nlu_data"))
        return files + _code_fingerprint(*map(import_module, ("bot.nlu.lexicon", "bot.nlu.normalise")))

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Tokenize all texts, of entries also the questions and the body."""
        for message in training_data.training_examples:
            if entry := message.get(ENTRY):
                terms = self._tokeniser.tokens
                message.set(TERMS, EntryTerms(tuple(map(terms, entry.questions)), terms(entry.body)))
        return super().process_training_data(training_data)

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        """Tokens of a text. Their offsets count in the joined terms, as synonyms change lengths."""
        tokens, start = [], 0
        for term in self._tokeniser.tokens(message.get(attribute) or ""):
            tokens.append(Token(term, start))
            start += len(term)
        return tokens


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LegalMatcher(GraphComponent, IntentClassifier):
    """Decides about a message and names the best knowledge entries (bot.nlu.understand).

    Config: answer, clarify, legal, matter: thresholds; crises: file with the emergency patterns.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {**asdict(Thresholds()), "crises": "nlu_data/lexicon/crisis.yml"}

    @classmethod
    def required_components(cls) -> list[type]:
        return [Tokenizer]

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        return _code_fingerprint(*map(import_module, MODULES))

    def __init__(
        self, config: dict[str, Any], storage: ModelStorage, resource: Resource, model: Model | None
    ) -> None:
        self._config, self._storage, self._resource = config, storage, resource
        thresholds = Thresholds(**{name: float(config[name]) for name in asdict(Thresholds())})
        crises = CrisisDetector(load_emergencies(PROJECT / config["crises"]).values())
        self._understander = Understander(model, crises, thresholds, load_statutes()) if model else None

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LegalMatcher:
        return cls(config, model_storage, resource, None)

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from tokenised training data and persist the model."""
        model = Model.fit(*_documents_and_others(training_data), load_statutes())
        with self._storage.write_to(self._resource) as folder:
            write_model(model, Path(folder))
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> LegalMatcher:
        with model_storage.read_from(resource) as folder:
            model = read_model(Path(folder))
        return cls(config, model_storage, resource, model)

    def process(self, messages: list[Message]) -> list[Message]:
        """Set intent, ranking and the whole understanding on each message."""
        assert self._understander, "train or load first"
        for message in messages:
            tokens = [token.text for token in message.get(TEXT_TOKENS) or []]
            found = self._understander.understand(normalise(message.get(TEXT) or ""), tokens)
            message.set(INTENT, {"name": found.intent, "confidence": found.confidence}, add_to_output=True)
            ranking = [{"name": c.entry, "confidence": c.confidence} for c in found.candidates]
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
            message.set(UNDERSTANDING, found, add_to_output=True)
        return messages


def load_statutes() -> StatuteIndex | None:
    """The index of the imported law texts under FALIN_HOME; None when there are none."""
    return StatuteIndex.load(read_settings().statute_index)


def _documents_and_others(training_data: TrainingData) -> tuple[list[Document], list[tuple[Question, str]]]:
    documents, others = [], []
    for message in training_data.training_examples:
        terms = [token.text for token in message.get(TEXT_TOKENS) or []]
        features = question_features(terms)
        if entry := message.get(ENTRY):
            split = message.get(TERMS)
            questions = [
                Question(text, question_features(found))
                for text, found in zip(entry.questions, split.questions, strict=True)
            ]
            title = Question(message.get(TEXT), features)
            basis = tuple(Citation(law, (number, inserted)) for law, number, inserted in entry.basis)
            documents.append(Document(entry.label, questions, title, question_features(split.body), basis))
        elif message.get(INTENT):
            others.append((Question(message.get(TEXT) or "", features), message.get(INTENT)))
    return documents, others
