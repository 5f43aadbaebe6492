"""falin under measurement: a copy of the project with other entries, and the process that takes turns.

Run as a module it is that process; bench.turn starts it.
"""
from __future__ import annotations

import random
import shutil
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import Any

import yaml

from bench.child import PROJECT, Cost, own_peak_megabytes, run_measured
from bench.timing import Found, Turn, measure_calls, measure_lengths, read_found, write_found

PARTS = ("actions", "bot", "nlu_data", "stories", "config.yml", "domain.yml", "requirements.lock")
COMMAND = (sys.executable, "-c", "from bot.cli import main; main()")
ASKS, SEED = 10, 20261123

Entry = dict[str, Any]


def read_entries(number: int | None = None) -> list[Entry]:
    """The first `number` knowledge entries as they stand in nlu_data/faq, in the order of the files."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    paths = sorted((PROJECT / "nlu_data" / "faq").glob("*.yml"))
    entries = [entry for path in paths for entry in yaml.load(path.read_text(encoding="utf-8"), loader)]
    return entries[:number]


def make_entries(real: Sequence[Entry], number: int) -> list[Entry]:
    """`number` entries with ASKS questions each, of halves of real questions; the same in every run."""
    chance = random.Random(SEED)
    halves = {entry["id"]: [_cut(question) for question in entry["ask"]] for entry in real}
    made = []
    for position in range(1, number + 1):
        first, second = chance.sample(list(real), 2)
        heads = chance.choices([head for head, _ in halves[first["id"]]], k=ASKS)
        tails = chance.choices([tail for _, tail in halves[second["id"]]], k=ASKS)
        matter = first["id"].split(".")[0]
        asks = [head + tail for head, tail in zip(heads, tails, strict=True)]
        made.append({**first, "id": f"{matter}.made_up_{position}", "ask": asks, "answer": second["answer"],
                     "steps": first["steps"][:2], "evidence": [], "related": []})  # fmt: skip
    return made


def _cut(question: str) -> tuple[str, str]:
    """A question in two, between words."""
    import jieba

    jieba.setLogLevel("WARNING")
    words = jieba.lcut(question)
    middle = (len(words) + 1) // 2
    return "".join(words[:middle]), "".join(words[middle:])


def copy_project(folder: Path, entries: Sequence[Entry]) -> Path:
    """Copy what falin needs to `folder`, with these entries only."""
    for part in PARTS:
        source = PROJECT / part
        if source.is_dir():
            shutil.copytree(source, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / part)
    shutil.rmtree(folder / "nlu_data" / "faq")
    (folder / "nlu_data" / "faq").mkdir()
    ids = {entry["id"] for entry in entries}
    files: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        related = [other for other in entry.get("related") or [] if other in ids]
        files[entry["id"].split(".")[0]].append({**entry, "related": related})
    for matter, content in files.items():
        text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=200)
        (folder / "nlu_data" / "faq" / f"{matter}.yml").write_text(text, encoding="utf-8")
    return folder


def environment(project: Path) -> dict[str, str]:
    """Environment of a falin that runs from the copy, with its own FALIN_HOME."""
    names = ("DATABASE_URL", "TELEGRAM_TOKEN", "TELEGRAM_API", "TELEGRAM_WEBHOOK", "PUBLIC_URL")
    own = {"FALIN_HOME": str(project / "home"), "PYTHONPATH": f"{project}:{PROJECT}"}
    return {**{f"FALIN_{name}": "" for name in names}, **own}


def make_turn(assistant: Any) -> Turn:
    """A turn as a channel takes it: store the message, answer it, fetch the replies not yet seen."""
    from bot.domain.calendar import utc_now
    from bot.domain.messages import Inbound

    seen: defaultdict[str, int] = defaultdict(int)
    numbers = count()

    def turn(conversation: str, text: str) -> None:
        inbound = Inbound("terminal", f"bench-{next(numbers)}", conversation, utc_now(), text=text)
        receipt = assistant.receive(inbound)
        assistant.answer(receipt.client_id)
        replies = assistant.list_replies(receipt.client_id, seen[conversation])
        if not replies:
            raise RuntimeError("falin did not answer")
        seen[conversation] = replies[-1].id

    return turn


def take_turns(launched: float, lengths: Sequence[int], result: Path) -> None:
    """Measure turns with the real brain and database of FALIN_HOME; write what was found to `result`."""
    from bot import settings as bot_settings
    from bot.assistant.assistant import Assistant
    from bot.assistant.training import require_model
    from bot.bootstrap import load_library, load_street_of, make_brain, open_database, unit_of_work_factory
    from bot.domain.buttons import Buttons
    from bot.storage.sealing import load_keys

    if bot_settings.PROJECT == PROJECT:
        raise RuntimeError("the copy must be measured, not the project itself")
    settings = bot_settings.read_settings()
    keys = load_keys(settings.secret_file)
    brain, library = make_brain(require_model(settings)), load_library(load_street_of(settings))
    open_unit = unit_of_work_factory(open_database(settings), keys)
    assistant = Assistant(open_unit, brain, library, Buttons(keys.derive("buttons")))
    start_seconds = time.time() - launched
    questions = [entry.ask[0] for entry in library.entries.values()]
    turns = measure_lengths(make_turn(assistant), questions, lengths)
    parse_ms = measure_calls(brain.understand, questions)
    write_found(result, Found(turns, parse_ms, start_seconds, own_peak_megabytes()))


def train_falin(project: Path, limit: float) -> Cost:
    """`falin train --force` in the copy.

    Raises:
        ChildFailed: it failed or took too long.
    """
    command = [*COMMAND, "train", "--force"]
    return run_measured(command, project, project / "train.log", limit, environment(project))


def measure_falin(project: Path, lengths: Sequence[int], limit: float) -> Found:
    """Train the copy, then take turns in a process of its own."""
    env, result = environment(project), project / "found.json"
    run_measured([*COMMAND, "init", "--demo", "--yes"], project, project / "init.log", limit, env)
    train_falin(project, limit)
    arguments = [str(time.time()), ",".join(map(str, lengths)), str(result)]
    command = [sys.executable, "-m", "bench.falin", *arguments]
    run_measured(command, project, project / "turns.log", limit, env)
    return read_found(result)


if __name__ == "__main__":
    take_turns(float(sys.argv[1]), [int(length) for length in sys.argv[2].split(",")], Path(sys.argv[3]))
