"""One decision per message: crisis → service → legal question → small talk → out of scope."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.decisions import Candidate, StatuteHit, Understanding
from bot.nlu.choice import PLACES, SOFTENING, cover_matrix
from bot.nlu.crisis import CrisisDetector
from bot.nlu.features import Features, question_features
from bot.nlu.gate import LEGAL
from bot.nlu.model import Model
from bot.nlu.ranker import Candidates, Ranker, Ranking, basis_columns
from bot.nlu.statute_index import StatuteIndex
from bot.nlu.statute_search import StatuteSearch

# Intent of a request → the service it asks for, as the ask contract names it.
SERVICES = {
    "request_adviser": "adviser",
    "request_mediation": "mediation",
    "request_legal_aid": "legal_aid",
    "request_document": "document",
    "request_calculator": "calculator",
    "request_triage": "triage",
    "ask_status": "status",
    "register": "registration",
    "forget_me": "forget_me",
    "stop": "stop",
    "menu": "menu",
}
OUT_OF_SCOPE = "out_of_scope"


@dataclass(frozen=True)
class Thresholds:
    """Set on held-out questions; stand in config.yml.

    Args:
        answer: calibrated confidence from which the best entry answers.
        clarify: from which two or three options are offered; below, the question is referred.
        legal: probability of the gate from which a message is a legal question.
        matter: share of the belief (0..1) from which the likeliest field is told in a referral.
    """

    answer: float = 0.5
    clarify: float = 0.25
    legal: float = 0.5
    matter: float = 0.7


class Understander:
    """Decides about messages.

    Args:
        model: learned.  crises: patterns.  thresholds: see Thresholds.  statutes: index of the law texts, if imported.
    """

    def __init__(
        self, model: Model, crises: CrisisDetector, thresholds: Thresholds, statutes: StatuteIndex | None = None
    ) -> None:
        self._model, self._crises, self._thresholds = model, crises, thresholds
        self._statutes = StatuteSearch(statutes, model.bases) if statutes else None
        # A model trained without law texts has not learned what they are worth.
        self._weigh_articles = statutes is not None and model.with_articles is not None
        self._weights, self._calibrator = model.with_articles if self._weigh_articles else model.plain  # type: ignore[misc]
        self._cover = cover_matrix(model.bases)
        self._ranker = Ranker(model.index, model.space, basis_columns(model.bases, statutes))

    def understand(self, normalised: str, tokens: Sequence[str]) -> Understanding:
        """Decide about one message.

        Args:
            normalised: the whole message, normalised: an emergency may stand in its frame.
            tokens: standard terms of its core.
        """
        features = question_features(tokens)
        found, ranking, statutes = self._rank(normalised, features)
        candidates = self._candidates(ranking)
        confidence = candidates[0].confidence if candidates else 0.0
        matter, share = self._matter(ranking) if ranking.words > 0 else (None, 0.0)
        likely = share >= self._thresholds.matter
        if kind := self._crises.detect(normalised):
            return Understanding(
                "crisis", "crisis", matter, confidence, candidates, crisis=kind, statutes=statutes,
                matter_likely=likely,
            )  # fmt: skip
        gate = self._model.gate
        if gate.legal_probability(features, found) >= self._thresholds.legal and ranking.words > 0:
            decision = self._legal_decision(confidence)
            return Understanding(
                decision, LEGAL, matter, confidence, candidates, statutes=statutes, matter_likely=likely
            )
        intent, probability = gate.other_intent(features) if features else (OUT_OF_SCOPE, 1.0)
        if intent in SERVICES:
            return Understanding("service", intent, None, probability, candidates, service=SERVICES[intent])
        decision = OUT_OF_SCOPE if intent == OUT_OF_SCOPE else "smalltalk"
        return Understanding(decision, intent, None, probability, candidates)

    def search_statutes(self, normalised: str, tokens: Sequence[str]) -> tuple[StatuteHit, ...]:
        """The articles a question is about, best first; none without law texts."""
        return self._rank(normalised, question_features(tokens))[2]

    def _rank(self, text: str, question: Features) -> tuple[Candidates, Ranking, tuple[StatuteHit, ...]]:
        articles = self._statutes.index.scores(text) if self._statutes else None
        found = self._ranker.gather(question, articles if self._weigh_articles else None)
        ranking = found.rank(self._weights, self._cover)
        ranking = ranking.recognise(self._model.phrases.nearest(ranking.entries, found.columns, found.size))
        if self._statutes is None or articles is None:
            return found, ranking, ()
        return found, ranking, self._statutes.search(articles, ranking, self._calibrator.confidence(ranking))

    def _legal_decision(self, confidence: float) -> str:
        if confidence >= self._thresholds.answer:
            return "answer"
        return "clarify" if confidence >= self._thresholds.clarify else "refer"

    def _candidates(self, ranking: Ranking) -> tuple[Candidate, ...]:
        if ranking.words <= 0:
            return ()
        confidence = self._calibrator.confidence(ranking)
        best = max(float(ranking.worth[0]), 1e-9)
        return tuple(
            Candidate(self._model.labels[entry], round(confidence * float(worth) / best, 4))
            for entry, worth in zip(ranking.entries[:PLACES], ranking.worth, strict=False)
        )

    def _matter(self, ranking: Ranking) -> tuple[str, float]:
        """The field that the likeliest entries belong to, and its share of the belief (0..1)."""
        by_matter: defaultdict[str, float] = defaultdict(float)
        for entry, share in zip(ranking.entries, ranking.shares, strict=True):
            by_matter[self._model.labels[entry].split(".")[0]] += float(share) ** SOFTENING
        best = max(by_matter, key=by_matter.__getitem__)
        return best, by_matter[best] / max(sum(by_matter.values()), 1e-9)
