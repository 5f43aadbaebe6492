"""Training: once per state of knowledge, configuration and code; kept under FALIN_HOME."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import time
from dataclasses import dataclass
from pathlib import Path

from bot.domain.errors import FalinError, NotReady
from bot.settings import PROJECT, Settings

# Whatever shapes a model. Stories and domain do, too: Rasa bakes them in.
SOURCES = (
    "config.yml",
    "domain.yml",
    "nlu_data/*.yml",
    "nlu_data/faq/*.yml",
    "nlu_data/intents/*.yml",
    "nlu_data/lexicon/*.yml",
    "nlu_data/**/*.txt",
    "stories/**/*.yml",
    "bot/nlu/*.py",
    "bot/knowledge/*.py",
    "requirements.lock",
)
NOTE = "trained.json"


@dataclass(frozen=True)
class Trained:
    """Args: model: the file.  fingerprint: of what it was trained from.  seconds: how long it took; 0: not trained now."""

    model: Path
    fingerprint: str
    seconds: float = 0.0


def fingerprint_sources() -> str:
    """Changes whenever a model would."""
    digest = hashlib.sha256()
    for pattern in SOURCES:
        for path in sorted(PROJECT.glob(pattern)):
            digest.update(str(path.relative_to(PROJECT)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def find_current_model(settings: Settings) -> Path | None:
    """The model trained from the present sources; None when there is none."""
    try:
        note = json.loads((settings.models / NOTE).read_text(encoding="utf-8"))
        model = settings.models / str(note["model"])
        return model if note["fingerprint"] == fingerprint_sources() and model.is_file() else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def require_model(settings: Settings) -> Path:
    """Raises NotReady unless a current model is there."""
    model = find_current_model(settings)
    if model is None:
        raise NotReady("there is no model of the present knowledge", "run: falin train")
    return model


def train(settings: Settings) -> Trained:
    """Train with Rasa and keep the model; older ones are removed. Seconds on two cores.

    Raises:
        FalinError: Rasa produced no model.
    """
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
    os.environ["RASA_CACHE_DIRECTORY"] = str(settings.home / "cache" / "rasa")
    start = time.monotonic()
    fingerprint = fingerprint_sources()
    settings.models.mkdir(parents=True, exist_ok=True)
    from bot.assistant.rasa_brain import quiet_logging  # loads Rasa: only where it is needed

    quiet_logging()
    from rasa.model_training import train as rasa_train

    output = io.StringIO()
    with contextlib.redirect_stdout(output):  # Rasa prints what falin says better
        result = rasa_train(
            domain=str(PROJECT / "domain.yml"),
            config=str(PROJECT / "config.yml"),
            training_files=[str(PROJECT / "nlu_data" / "intents"), str(PROJECT / "stories")],
            output=str(settings.models),
            fixed_model_name=f"falin-{fingerprint}",
            force_training=True,
        )
    if result.code or not result.model:
        raise FalinError(f"training failed with code {result.code}", "run: rasa data validate")
    model = Path(result.model)
    note = {"model": model.name, "fingerprint": fingerprint}
    fresh = settings.models / f"{NOTE}.new"
    fresh.write_text(json.dumps(note), encoding="utf-8")
    fresh.replace(settings.models / NOTE)
    for old in settings.models.glob("falin-*.tar.gz"):
        if old != model:
            old.unlink(missing_ok=True)
    return Trained(model, fingerprint, time.monotonic() - start)
