"""How good the answers are: `falin evaluate FILE` scores the ask contract's objects against labelled questions.

A question file has one JSON object a line with "text" and one of: gold, a list of [law, article] that govern the
question; label, its topic; kind, what it is about if it is no legal question; urgent, 1 or 0.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.domain.errors import ConfigError
from bot.knowledge.numerals import Article, parse_article

KINDS = ("gold", "label", "kind", "urgent")
READ = 5  # citations that a reader takes in
CUTS = (1, 5, 10)
# Laws whose articles were renumbered after public question sets were labelled: there the law alone counts.
RENUMBERED = frozenset(
    [
        "治安管理处罚法",
        "仲裁法",
        "反不正当竞争法",
        "婚姻登记条例",
        "村民委员会组织法",
        "城市居民委员会组织法",
        "传染病防治法",
        "海商法",
        "网络安全法",
        "监狱法",
        "民用航空法",
        "行政复议法",
        "公司法",
        "环境保护法",
    ]
)
AUTHORITIES = ("最高人民法院、最高人民检察院关于", "最高人民法院关于", "中华人民共和国")
REMARK = re.compile(r"[（(](?![一二三四五六七八九十][）)])[^）)]*[）)]")
Cited = tuple[str, Article | None]


@dataclass(frozen=True)
class Figures:
    """What came out. Args: lines: for people.  values: by name, shares from 0 to 1.  misses: questions that went wrong."""

    lines: list[str]
    values: dict[str, float]
    misses: list[dict[str, Any]] = field(default_factory=list)


def read_questions(path: Path) -> list[dict[str, Any]]:
    """The questions of a file.

    Raises:
        ConfigError: a line is no question, or the file has no labels; names the line.
    """
    questions = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError) as error:
        raise ConfigError(f"cannot be read: {error}", "a question file is UTF-8 text", file=path) from None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            if not isinstance(row["text"], str):
                raise TypeError("text")
        except (ValueError, KeyError, TypeError, RecursionError):
            raise ConfigError(
                "not a question", 'each line: {"text": …, "gold": …}', file=path, line=number
            ) from None
        questions.append(row)
    if not questions or not any(kind in questions[0] for kind in KINDS):
        raise ConfigError("no labelled questions", f"each line needs one of: {', '.join(KINDS)}", file=path)
    return questions


def score(questions: Sequence[Mapping[str, Any]], answers: Sequence[Mapping[str, Any]]) -> Figures:
    """Score answers (objects of the ask contract) that stand in the order of the questions."""
    rows = list(zip(questions, answers, strict=True))
    decisions = Counter(answer["decision"] for answer in answers)
    figures = Figures([f"decisions {dict(decisions.most_common())}"], {})
    for kind, scorer in (
        ("gold", _score_gold),
        ("label", _score_topics),
        ("kind", _score_scope),
        ("urgent", _score_crisis),
    ):
        if kind in questions[0]:
            scorer(rows, figures)
    return figures


def reliability(questions: Sequence[Mapping[str, Any]], answers: Sequence[Mapping[str, Any]]) -> list[str]:
    """Is falin as sure as it is right? A line for each tenth of confidence, over legal questions with gold labels."""
    bands: dict[int, list[tuple[float, bool, bool]]] = {}
    for question, answer in zip(questions, answers, strict=True):
        if answer["decision"] in ("answer", "clarify", "refer") and question.get("gold"):
            gold = set(_cited(question["gold"]))
            shown = [option["citations"] for option in answer["options"]]
            if answer["decision"] == "answer":
                shown = [answer["citations"], *shown]
            hits = [bool(_hits(_cited(citations)[:READ], gold)) for citations in shown[:3]]
            band = min(int(answer["confidence"] * 10), 9)
            bands.setdefault(band, []).append((answer["confidence"], bool(hits and hits[0]), any(hits)))
    lines = ["confidence  questions  mean  first right  one of three right"]
    for band, rows in sorted(bands.items()):
        mean, first, three = (sum(column) / len(rows) for column in zip(*rows, strict=True))
        lines.append(
            f"{band / 10:.1f}–{(band + 1) / 10:.1f}  {len(rows):9}  {mean:.2f}  {first:11.2f}  {three:18.2f}"
        )
    return lines


def _law(name: str) -> str:
    """A law's short name: no brackets, no remarks, no authority in front."""
    short = REMARK.sub("", re.sub(r"[《》\s]", "", name))
    for authority in AUTHORITIES:
        short = short.replace(authority, "")
    return short


def _cited(items: Any) -> list[Cited]:
    pairs = [(item["law"], item["article"]) if isinstance(item, dict) else tuple(item) for item in items or ()]
    return [(_law(law), parse_article(article)) for law, article in pairs]


def _hits(found: Sequence[Cited], gold: set[Cited]) -> list[Cited]:
    loose = {law for law, _ in gold} & RENUMBERED
    return [cited for cited in found if cited in gold or cited[0] in loose]


def _score_gold(rows: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]], figures: Figures) -> None:
    count: Counter[str] = Counter()
    recall = dict.fromkeys(CUTS, 0.0)
    reciprocal = 0.0
    for question, answer in rows:
        gold = set(_cited(question["gold"]))
        if not gold:
            continue
        count["questions"] += 1
        found = _cited(answer.get("citations"))[:READ]
        options = [cited for option in answer.get("options") or () for cited in _cited(option["citations"])[:READ]]
        answered = answer["decision"] == "answer"
        right = answered and bool(_hits(found, gold))
        count["answered"] += answered
        count["right"] += right
        count["wrong-law"] += answered and not {law for law, _ in found} & {law for law, _ in gold}
        count["within-three"] += right or bool(_hits(options, gold))
        count["crisis"] += answer["decision"] == "crisis"
        if answered and not right:
            figures.misses.append({"text": question["text"], "gold": question["gold"], "faq": answer.get("faq")})
        ranked = list(dict.fromkeys(_cited(answer.get("statutes"))))
        for cut in CUTS:
            recall[cut] += len(set(_hits(ranked[:cut], gold)) & gold) / len(gold)
        reciprocal += next((1 / rank for rank, cited in enumerate(ranked[:10], 1) if cited in gold), 0.0)
    n = max(count["questions"], 1)
    values = {name: count[name] / n for name in ("answered", "right", "wrong-law", "within-three", "crisis")}
    values["precision"] = count["right"] / max(count["answered"], 1)
    values |= {f"R@{cut}": recall[cut] / n for cut in CUTS} | {"MRR@10": reciprocal / n}
    figures.values.update(values)
    shares = "  ".join(
        f"{name} {100 * values[name]:.1f}%"
        for name in ("answered", "right", "wrong-law", "precision", "within-three", "crisis")
    )
    figures.lines.append(f"questions {count['questions']}  {shares}")
    figures.lines.append(
        "statute search  " + "  ".join(f"{name} {values[name]:.3f}" for name in ("R@1", "R@5", "R@10", "MRR@10"))
    )


def _score_topics(rows: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]], figures: Figures) -> None:
    right = sum(answer.get("topic") == question["label"] for question, answer in rows)
    figures.values["topics"] = right / len(rows)
    figures.lines.append(f"topics {len(rows)}  accuracy {100 * right / len(rows):.1f}%")
    figures.misses.extend(
        {"text": q["text"], "label": q["label"], "topic": a.get("topic")}
        for q, a in rows
        if a.get("topic") != q["label"]
    )


def _score_scope(rows: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]], figures: Figures) -> None:
    false = [(q, a) for q, a in rows if a["decision"] in ("answer", "crisis", "service")]
    figures.values["false answers"] = len(false) / len(rows)
    figures.lines.append(f"out of scope {len(rows)}  false answers {100 * len(false) / len(rows):.1f}%")
    figures.misses.extend({"text": q["text"], "decision": a["decision"], "faq": a.get("faq")} for q, a in false)


def _score_crisis(rows: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]], figures: Figures) -> None:
    urgent = [a["decision"] == "crisis" for q, a in rows if q["urgent"]]
    calm = [a["decision"] == "crisis" for q, a in rows if not q["urgent"]]
    figures.values["crisis recall"] = sum(urgent) / max(len(urgent), 1)
    figures.values["false alarms"] = sum(calm) / max(len(calm), 1)
    figures.lines.append(f"crisis recall {sum(urgent)}/{len(urgent)}  false alarms {sum(calm)}/{len(calm)}")
    figures.misses.extend(
        {"text": q["text"], "urgent": q["urgent"], "decision": a["decision"]}
        for q, a in rows
        if bool(q["urgent"]) != (a["decision"] == "crisis")
    )
