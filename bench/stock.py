"""Stock Rasa on the same knowledge: its documented pipeline for Chinese, and its documented way to serve.

Pipeline: Rasa's default one (rasa init) with JiebaTokenizer for the WhitespaceTokenizer, and a
ResponseSelector for the FAQ. Left out, in its favour: EntitySynonymMapper and RegexFeaturizer (nothing
to do), MemoizationPolicy and TEDPolicy (one rule per intent leaves them nothing to learn).
"""
from __future__ import annotations

import contextlib
import hashlib
import http.client
import json
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

from bench.child import CACHE, PROJECT, ChildFailed, Cost, Server, free_port, run_measured, serving
from bench.falin import Entry
from bench.timing import Found, measure_calls, measure_lengths

START_LIMIT, REQUEST_LIMIT = 180.0, 60.0
RASA = (sys.executable, "-m", "rasa")

ACTIONS = '''\
"""The answer through a custom action, as falin gives it."""
from rasa_sdk import Action


class AnswerQuestion(Action):
    """Says the response that the ResponseSelector found."""

    def name(self):
        return "action_answer_question"

    def run(self, dispatcher, tracker, domain):
        selected = tracker.latest_message["response_selector"]["faq"]["response"]
        dispatcher.utter_message(text=selected["responses"][0]["text"])
        return []
'''


# With all 5,600 examples of what is no legal question stock's training did not end within a quarter of an hour of CPU time.
MOST_OTHERS = 60


def pipeline(epochs: int) -> list[dict[str, Any]]:
    """Rasa's default pipeline with jieba, and the FAQ selector."""
    similar = {"constrain_similarities": True}  # as the documentation advises
    return [
        {"name": "JiebaTokenizer"},
        {"name": "LexicalSyntacticFeaturizer"},
        {"name": "CountVectorsFeaturizer"},
        {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
        {"name": "DIETClassifier", "epochs": epochs, **similar},
        {"name": "ResponseSelector", "retrieval_intent": "faq", "epochs": epochs, **similar},
        {"name": "FallbackClassifier", "threshold": 0.3, "ambiguity_threshold": 0.1},
    ]


def write_stock(folder: Path, entries: Sequence[Entry], epochs: int) -> Path:
    """Write the project: a retrieval intent with a response per entry, falin's other intents, rules."""
    (folder / "data").mkdir(parents=True)
    (folder / "actions").mkdir()
    (folder / "actions" / "__init__.py").write_text("")
    (folder / "actions" / "actions.py").write_text(ACTIONS, encoding="utf-8")
    config = {"recipe": "default.v1", "assistant_id": "stock", "language": "zh", "pipeline": pipeline(epochs),
              "policies": [{"name": "RulePolicy"}]}  # fmt: skip
    _dump(folder / "config.yml", config)
    questions = [{"intent": f"faq/{e['id']}", "examples": _bullets(e["ask"])} for e in entries]
    _dump(folder / "data" / "faq.yml", {"version": "3.1", "nlu": questions})
    others = copy_intents(folder / "data")
    _dump(folder / "data" / "rules.yml", {"version": "3.1", "rules": _rules(others)})
    _dump(folder / "domain.yml", _domain(entries, others))
    return folder


def copy_intents(folder: Path) -> list[str]:
    """Copy falin's examples of everything else, MOST_OTHERS of each intent; the names of the intents."""
    names = []
    for path in sorted((PROJECT / "nlu_data" / "intents").glob("*.yml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        for block in content["nlu"]:
            lines = block["examples"].splitlines(keepends=True)
            block["examples"] = "".join(lines[:: max(1, len(lines) // MOST_OTHERS)])
            names.append(block["intent"])
        _dump(folder / path.name, content)
    return names


def _rules(others: Sequence[str]) -> list[dict[str, Any]]:
    steps = {"faq": "action_answer_question", "nlu_fallback": "utter_nlu_fallback"}
    steps.update({name: f"utter_{name}" for name in others})
    return [{"rule": name, "steps": [{"intent": name}, {"action": action}]} for name, action in steps.items()]


def _domain(entries: Sequence[Entry], others: Sequence[str]) -> dict[str, Any]:
    wording = yaml.safe_load((PROJECT / "domain.yml").read_text(encoding="utf-8"))["responses"]
    responses = {f"utter_faq/{entry['id']}": [{"text": answer_text(entry)}] for entry in entries}
    for name in [*others, "nlu_fallback"]:
        text = wording.get(f"utter_{name}", wording["utter_out_of_scope"])[0]["text"]
        responses[f"utter_{name}"] = [{"text": text.replace("{", "").replace("}", "")}]
    return {"version": "3.1", "intents": ["faq", *others], "responses": responses,
            "actions": ["action_answer_question"]}  # fmt: skip


def answer_text(entry: Entry) -> str:
    """Answer and steps of an entry."""
    return "\n".join([entry["answer"], *(f"· {step}" for step in entry["steps"])])


def _bullets(texts: Sequence[str]) -> str:
    return "".join(f"- {text}\n" for text in texts)


def _dump(path: Path, content: Any) -> None:
    text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=1000)
    path.write_text(text, encoding="utf-8")


def train_stock(folder: Path, limit: float) -> Cost:
    """Train a written project with `rasa train`.

    Raises:
        ChildFailed: it failed or took too long.
    """
    command = [*RASA, "train", "--force", "--fixed-model-name", "stock"]
    env = {"RASA_CACHE_DIRECTORY": str(folder / ".rasa"), "PYTHONPATH": ""}
    return run_measured(command, folder, folder / "train.log", limit, env)


def cached_stock(entries: Sequence[Entry], epochs: int, limit: float) -> Path:
    """A trained project in .cache/bench, trained unless one of the same entries and epochs is there."""
    recipe = json.dumps([entries, epochs, pipeline(epochs)], default=str, sort_keys=True) + ACTIONS
    key = hashlib.sha256(recipe.encode()).hexdigest()[:12]
    folder = CACHE / f"stock-{len(entries)}-{epochs}-{key}"
    if (folder / "models" / "stock.tar.gz").is_file():
        return folder
    fresh = folder.with_name(folder.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    train_stock(write_stock(fresh, entries, epochs), limit)
    shutil.rmtree(fresh / ".rasa", ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)
    return fresh.rename(folder)


@contextlib.contextmanager
def running_stock(folder: Path, work: Path) -> Iterator[tuple[Server, Server]]:
    """`rasa run` with SQL tracker store and REST channel, and `rasa run actions`, both on loopback."""
    actions_port, port = free_port(), free_port()
    store = {"type": "SQL", "dialect": "sqlite", "db": str(work / "tracker.db")}
    endpoint = {"url": f"http://127.0.0.1:{actions_port}/webhook"}
    _dump(work / "endpoints.yml", {"action_endpoint": endpoint, "tracker_store": store})
    _dump(work / "credentials.yml", {"rest": None})
    actions = [*RASA, "run", "actions", "--actions", "actions.actions", "--port", str(actions_port)]
    serve = [*RASA, "run", "--enable-api", "-i", "127.0.0.1", "-p", str(port), "-m", "models/stock.tar.gz",
             "--endpoints", str(work / "endpoints.yml"),
             "--credentials", str(work / "credentials.yml")]  # fmt: skip
    env = {"PYTHONPATH": ""}
    with (
        serving(actions, folder, work / "actions.log", actions_port, START_LIMIT, env) as action_server,
        serving(serve, folder, work / "server.log", port, START_LIMIT, env) as server,
    ):
        yield server, action_server


class Client:
    """HTTP on loopback over one kept connection. Args: port: of the server."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=REQUEST_LIMIT)

    def call(self, method: str, path: str, content: Any = None) -> Any:
        """Send a request.

        Returns:
            The answer's JSON, or its text.

        Raises:
            ChildFailed: the server answered with an error.
        """
        body = None if content is None else json.dumps(content)
        self._connection.request(method, path, body, {"Content-Type": "application/json"})
        response = self._connection.getresponse()
        text = response.read().decode()
        if response.status != 200:
            raise ChildFailed(f"{path} answered {response.status}: {text[:200]}")
        return json.loads(text) if path != "/" else text

    def turn(self, conversation: str, text: str) -> None:
        """One turn over the REST channel."""
        if not self.call("POST", "/webhooks/rest/webhook", {"sender": conversation, "message": text}):
            raise ChildFailed("stock did not answer")

    def parse(self, text: str) -> None:
        """Understanding alone."""
        self.call("POST", "/model/parse", {"text": text})


def measure_stock(
    folder: Path, work: Path, questions: Sequence[str], lengths: Sequence[int], limit: float
) -> Found:
    """Serve a trained project and take turns; lengths not reached within `limit` seconds are left out."""
    with running_stock(folder, work) as (server, action_server):
        client = Client(server.port)
        idle_ms = measure_calls(lambda _: client.call("GET", "/"), questions)
        parse_ms = measure_calls(client.parse, questions)
        turns = measure_lengths(client.turn, questions, lengths, limit)
        megabytes = server.peak_megabytes() + action_server.peak_megabytes()
        seconds = max(server.start_seconds, action_server.start_seconds)
    return Found(turns, parse_ms, seconds, megabytes, idle_ms)
