"""Write nlu_data/laws.yml from a folder of law texts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from bot.knowledge.laws import LawFacts, facts_of, load_laws, version_in_force
from bot.knowledge.numerals import to_han
from bot.knowledge.statutes import merge_versions, read_laws

HEAD = """\
# Facts about every law the entries and the triage cite, so that citations can be checked without the law texts.
# version: adopted or last amended; in_force_from: first day of this version; articles: the highest number;
# inserted: articles such as 133之一; next_from: first day of a version that is adopted already. Rewritten by `falin knowledge facts --laws DIR`, which keeps in_force_from
# of a version it knows: amendments rarely name theirs, correct it by hand from the amendment's own decision.
"""


def rewrite_facts(path: Path, titles: Iterable[str], folder: Path, today: date) -> list[str]:
    """Rewrite laws.yml for the laws with these titles; those without a text in force."""
    known = load_laws(path) if path.exists() else {}
    texts = merge_versions(read_laws(folder))
    facts, missing = [], []
    for title in titles:
        text = version_in_force(texts.get(title, {}).values(), today)
        if text is None:
            missing.append(title)
        else:
            coming = min((v.begins for v in texts[title].values() if v.begins and v.begins > today), default=None)
            facts.append(facts_of(text, known.get(title), coming))
    path.write_text(HEAD + "".join(map(_row, facts)), encoding="utf-8")
    return missing


def _row(facts: LawFacts) -> str:
    row = f"- {{law: {facts.law}, version: {facts.version}, in_force_from: {facts.in_force_from}, articles: {facts.articles}"
    if facts.inserted:
        names = ", ".join(f"{number}之{to_han(sub)}" for number, sub in sorted(facts.inserted))
        row += f", inserted: [{names}]"
    if facts.next_from:
        row += f", next_from: {facts.next_from}"
    return row + "}\n"
