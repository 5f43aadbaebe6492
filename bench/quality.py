"""How good answers are: falin and stock Rasa's DIET with ResponseSelector, trained on the same entries.

    .venv/bin/python -m bench.quality --entries 60 --epochs 40
    .venv/bin/python -m bench.quality --entries 60 --epochs 40 --questions FILE

Of every entry the last two questions are held out and asked afterwards. With --questions the labelled questions of a
file are asked, too, and scored as `falin evaluate` does; entries that were left out count as not known.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from bench.child import ChildFailed, Cost, compile_libraries, run_measured, stop_on_signals
from bench.falin import COMMAND, Entry, copy_project, environment, read_entries, train_falin
from bench.stock import Client, cached_stock, running_stock
from bot.assistant.evaluating import read_questions, score
from bot.knowledge.citations import Citation
from bot.knowledge.entries import MIN_ASKS
from bot.knowledge.numerals import parse_article

HELD_OUT = 2
Answer = dict[str, Any]
Row = tuple[str, str, Sequence[Answer]]


@click.command()
@click.option(
    "--entries", default=60, show_default=True, help="Knowledge: so many entries, spread over all matters."
)
@click.option("--epochs", default=40, show_default=True, help="Of stock's training.")
@click.option(
    "--questions", type=click.Path(path_type=Path, exists=True), help="Labelled questions to ask as well."
)
@click.option("--limit", default=7200, show_default=True, help="Seconds one training may take.")
def main(entries: int, epochs: int, questions: Path | None, limit: int) -> None:
    """Share of questions whose first entry is the right one, and what each side costs."""
    stop_on_signals()
    console = Console()
    long_enough = [entry for entry in read_entries() if len(entry["ask"]) >= MIN_ASKS + HELD_OUT]
    used = spread(long_enough, entries)
    taught = [{**entry, "ask": entry["ask"][:-HELD_OUT]} for entry in used]
    asked = [(text, entry["id"]) for entry in used for text in entry["ask"][-HELD_OUT:]]
    labelled = read_questions(questions) if questions else []
    texts = [text for text, _ in asked] + [question["text"] for question in labelled]
    try:
        compile_libraries()
        with tempfile.TemporaryDirectory(prefix="falin-bench-") as folder:
            work = Path(folder)
            console.print(f"falin: {len(taught)} entries …")
            project = copy_project(work / "falin", taught)
            run_measured(
                [*COMMAND, "init", "--demo", "--yes"], project, project / "init.log", limit, environment(project)
            )
            cost = train_falin(project, limit)
            ours = ask_falin(project, texts)
            console.print(f"stock: {len(taught)} entries, {epochs} epochs …")
            theirs = ask_stock(cached_stock(taught, epochs, limit), work, texts, used)
    except ChildFailed as error:
        raise click.ClickException(str(error)) from None
    sides = (("falin", ours), (f"stock, {epochs} epochs", theirs))
    console.print(held_out_table(sides, asked, cost))
    for name, answers in sides if labelled else ():
        console.print(f"[bold]{name}[/]")
        for line in score(labelled, answers[len(asked) :]).lines:
            console.print(line, highlight=False)


def spread(entries: Sequence[Entry], number: int) -> list[Entry]:
    """`number` entries, evenly over the files, so that every matter has its share."""
    step = max(1, len(entries) // number)
    return list(entries[::step][:number])


def ask_falin(project: Path, texts: Sequence[str]) -> list[Answer]:
    """The ask contract's objects, from `falin ask --jsonl` in the copy."""
    lines = "".join(json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in texts)
    command = [*COMMAND, "ask", "--jsonl"]
    done = subprocess.run(
        command,
        input=lines,
        capture_output=True,
        text=True,
        check=False,
        cwd=project,
        env={**os.environ, **environment(project)},
    )
    if done.returncode:
        raise ChildFailed(done.stderr[-500:])
    return [json.loads(line) for line in done.stdout.splitlines()]


def ask_stock(folder: Path, work: Path, texts: Sequence[str], entries: Sequence[Entry]) -> list[Answer]:
    """The same objects from what stock's classifier and selector found."""
    known = {entry["id"]: entry for entry in entries}
    with running_stock(folder, work) as (server, _):
        client = Client(server.port)
        return [_as_answer(client.call("POST", "/model/parse", {"text": text}), known) for text in texts]


def _as_answer(parsed: dict[str, Any], known: dict[str, Entry]) -> Answer:
    intent = parsed["intent"]["name"]
    ranking = parsed["response_selector"]["faq"]["ranking"] if "response_selector" in parsed else []
    names = [row["intent_response_key"].split("/")[-1] for row in ranking]
    options = [{"faq": name, "citations": _citations(known[name])} for name in names if name in known]
    decision = "answer" if intent == "faq" and options else "refer" if intent == "nlu_fallback" else "smalltalk"
    answered = decision == "answer"
    return {
        "decision": decision,
        "faq": options[0]["faq"] if answered else None,
        "citations": options[0]["citations"] if answered else [],
        "options": options[1:3] if answered else options[:3],
        "statutes": [],
        "topic": None,
    }


def _citations(entry: Entry) -> list[dict[str, str]]:
    found = ((citation["law"], parse_article(citation["article"])) for citation in entry["basis"])
    return [Citation(law, article).as_dict() for law, article in found if article]


def first_entry(answer: Answer) -> str | None:
    """The entry a side would choose, whether or not it dares to answer."""
    return answer["faq"] or next((option["faq"] for option in answer["options"]), None)


def held_out_table(
    sides: Sequence[tuple[str, Sequence[Answer]]], asked: Sequence[tuple[str, str]], cost: Cost
) -> Table:
    """Share of held-out questions whose first entry, or one of the first three, is theirs."""
    table = Table(title=f"{len(asked)} held-out questions; falin trained in {cost.seconds:.0f} s")
    for name in ("", "first %", "answered %", "right of answered %"):
        table.add_column(name, justify="left" if not name else "right")
    for name, answers in sides:
        pairs = list(zip(asked, answers, strict=False))
        first = sum(first_entry(answer) == entry for (_, entry), answer in pairs)
        answered = [(entry, answer) for (_, entry), answer in pairs if answer["decision"] == "answer"]
        right = sum(answer["faq"] == entry for entry, answer in answered)
        shares = (first / len(asked), len(answered) / len(asked), right / max(len(answered), 1))
        table.add_row(name, *(f"{100 * share:.1f}" for share in shares))
    return table


if __name__ == "__main__":
    main()
