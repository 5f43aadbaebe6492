"""The processor remembers predictions by the shape of a turn: no slot value may change one."""

from __future__ import annotations

from bot.knowledge.yaml_file import load_yaml
from bot.settings import PROJECT


def test_no_slot_influences_the_conversation() -> None:
    slots = load_yaml(PROJECT / "domain.yml")["slots"]
    named = {name: slot for name, slot in slots.items() if name != "__line__"}
    assert named
    assert all(slot["influence_conversation"] is False for slot in named.values())
