"""What falin says. Every sentence stands in domain.yml under `responses:`, none in Python."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from bot.domain.errors import ConfigError
from bot.domain.messages import Button, Reply
from bot.knowledge.yaml_file import load_yaml

PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


class Wording:
    """The responses of domain.yml, filled in with values.

    Args:
        responses: name → (template, buttons).
        defaults: values every template may use, e.g. the street's name.
    """

    def __init__(self, responses: Mapping[str, Reply], defaults: Mapping[str, str] | None = None) -> None:
        self._responses = dict(responses)
        self._defaults = dict(defaults or {})

    @classmethod
    def load(cls, domain_file: Path, defaults: Mapping[str, str] | None = None) -> Wording:
        """Read the responses of a Rasa domain file.

        Raises:
            ConfigError: the file has no usable `responses:`.
        """
        data = load_yaml(domain_file)
        responses = data.get("responses") if isinstance(data, dict) else None
        if not isinstance(responses, dict):
            raise ConfigError("“responses:” is missing", "put the file back", file=domain_file)
        found = {}
        for name, variants in responses.items():
            if name == "__line__":
                continue
            try:
                first = variants[0]
                rows = tuple((Button(b["title"], b["payload"]),) for b in first.get("buttons", ()))
                found[name] = Reply(str(first["text"]).strip(), rows)
            except (KeyError, TypeError, IndexError, AttributeError):
                raise ConfigError(
                    f"the response {name} is malformed", "it needs “- text: …”, and title and payload for each button",
                    file=domain_file, line=responses["__line__"],
                ) from None  # fmt: skip
        return cls(found, defaults)

    def say(self, name: str, /, **values: object) -> Reply:
        """The reply called `name`, its {placeholders} filled in.

        Values are put in once and literally: a value that contains braces is not filled in again.

        Raises:
            KeyError: no such response, or a placeholder without a value.
        """
        reply = self._responses[name]
        known = {**self._defaults, **values}
        return Reply(PLACEHOLDER.sub(lambda m: str(known[m[1]]), reply.text), reply.buttons)

    def text(self, name: str, /, **values: object) -> str:
        """The text of the reply called `name`."""
        return self.say(name, **values).text

    def names(self) -> frozenset[str]:
        """All response names."""
        return frozenset(self._responses)
