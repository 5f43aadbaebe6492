"""Answering: run, chat, ask, train."""

from __future__ import annotations

import contextlib
import json
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from bot.cli.progress import progress, progress_bar
from bot.settings import Settings


@click.command()
@click.option("--force", is_flag=True, help="Train even when nothing has changed.")
@click.pass_obj
def train(settings: Settings, force: bool) -> None:
    """Train the model of the present knowledge."""
    from bot.installation import prepare_home

    prepare_home(settings)
    _train(settings, force)


def _train(settings: Settings, force: bool = False) -> Path:
    from bot.assistant.training import find_current_model
    from bot.assistant.training import train as train_model

    if not force and (model := find_current_model(settings)):
        click.echo(f"model is current: {model.name}", err=True)
        return model
    from bot.bootstrap import FAQ
    from bot.knowledge.entries import load_entries

    entries = load_entries(FAQ)
    questions = sum(len(entry.ask) for entry in entries.values())
    with progress(f"training on {len(entries)} entries with {questions} questions (about a minute) …"):
        trained = train_model(settings)
    click.echo(f"trained {trained.model.name} in {trained.seconds:.0f} s", err=True)
    return trained.model


@click.command()
@click.option("--demo", is_flag=True, help="Set up the demo street if there is none.")
@click.pass_obj
def run(settings: Settings, demo: bool) -> None:
    """Serve the web chat, and Telegram when there is a token."""
    import uvicorn

    from bot.bootstrap import load_street_of
    from bot.installation import prepare_home, require_free_port, set_up, write_street

    prepare_home(settings)
    if demo:
        write_street(settings, None)
    load_street_of(settings)
    require_free_port(settings)
    set_up(settings)
    model = _train(settings)
    with progress("loading the agent (about 10 seconds) …"):
        app = _make_app(settings, model, lambda: server.should_exit)
    # uvicorn stops gracefully, then raises the signal again: being told to stop is no failure.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            host=settings.host,
            port=settings.port,
            log_level="warning",
            ws="wsproto",
            ws_max_size=262_144,
            server_header=False,
        )
    )
    with contextlib.suppress(KeyboardInterrupt):  # as uvicorn.run does
        server.run()
    if not server.started:
        sys.exit(1)


def _make_app(settings: Settings, model: Path, stopping: Callable[[], bool]) -> Any:
    from bot.bootstrap import make_assistant
    from bot.channels.server import make_server

    parts = make_assistant(settings, model)

    def announce() -> None:
        click.secho(f"法邻 is answering: {settings.web_url}", fg="green", bold=True)
        telegram = "Telegram: on" if settings.telegram_token else "Telegram: off (set FALIN_TELEGRAM_TOKEN)"
        click.echo(f"{telegram} · posters: {settings.home / 'posters'} · stop with Ctrl-C")

    return make_server(
        settings, parts.assistant, parts.open_unit, parts.engine, parts.keys, parts.library, announce,
        stopping=stopping,
    )


@click.command()
@click.pass_obj
def chat(settings: Settings) -> None:
    """Chat in the terminal."""
    from bot.assistant.training import require_model
    from bot.bootstrap import make_assistant
    from bot.channels.terminal import TerminalChat

    model = require_model(settings)
    with progress("loading the agent (about 10 seconds) …"):
        parts = make_assistant(settings, model)
    talk = TerminalChat(parts.assistant, click.echo)
    talk.say("/start")
    while True:
        try:
            line = click.prompt("您", prompt_suffix="：", default="", show_default=False)
        except (click.Abort, EOFError):
            return
        talk.say(line)


@click.command()
@click.argument("question", nargs=-1)
@click.option("--jsonl", is_flag=True, help="Read one question a line, write one JSON object a line.")
@click.pass_obj
def ask(settings: Settings, question: tuple[str, ...], jsonl: bool) -> None:
    """Answer questions without a conversation; nothing is counted."""
    from bot.assistant.asking import answer_lines
    from bot.assistant.training import require_model
    from bot.bootstrap import load_usable_library, make_brain

    model = require_model(settings)
    library = load_usable_library(settings)
    brain = make_brain(model)
    if not jsonl:
        for answer in answer_lines([" ".join(question) or click.prompt("问题")], brain.understand, library):
            click.echo(answer["reply"])
        return
    sys.stdin.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    for answer in answer_lines(sys.stdin, brain.understand, library):
        sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
        sys.stdout.flush()


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--misses", type=click.IntRange(0), default=0, help="Show so many questions that went wrong.")
@click.option("--curve", is_flag=True, help="Also show whether falin is as sure as it is right.")
@click.pass_obj
def evaluate(settings: Settings, file: Path, misses: int, curve: bool) -> None:
    """Score the answers against a file of labelled questions (docs/answering.md)."""
    from bot.assistant.asking import answer_question
    from bot.assistant.evaluating import read_questions, reliability, score
    from bot.assistant.training import require_model
    from bot.bootstrap import load_usable_library, make_brain

    questions = read_questions(file)
    model, library = require_model(settings), load_usable_library(settings)
    with progress("loading the agent (about 10 seconds) …"):
        brain = make_brain(model)
    with progress_bar() as advance:
        answers = []
        for done, question in enumerate(questions, 1):
            answers.append(answer_question(question["text"], brain.understand, library))
            advance("asking", done, len(questions))
    figures = score(questions, answers)
    for line in [*figures.lines, *(reliability(questions, answers) if curve else [])]:
        click.echo(line)
    for miss in figures.misses[:misses]:
        click.echo(json.dumps(miss, ensure_ascii=False))
