"""Every button leads somewhere: pressed breadth first, in every state in which falin shows it."""
from __future__ import annotations

import json
import re
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.agent_home import Falin, Visitor
from tests.conversations.test_conversations import find_question

pytestmark = pytest.mark.agent
DEPTH = 4
# Shown deeper within a form than is walked here: aiding.yml presses them.
LATE = ("slot:aid_", "intent:aid_")
# Slots whose values differ in name only: any one leads on as the others do.
ALIKE = ("community", "aid_matter", "aid_for", "aid_lawyer")
REGISTERED = "登记以后转人工"


@dataclass(frozen=True)
class Path:
    """How to get somewhere: what is sent first, then the titles pressed."""

    opening: str
    pressed: tuple[str, ...] = ()


def walk(falin: Falin, path: Path) -> Visitor:
    person = falin.visitor()
    if path.opening == REGISTERED:
        person.register()
        person.send("转人工")
    elif path.opening in ("voice", "photo"):
        person.send(file=path.opening)
    else:
        person.send(path.opening)
    for title in path.pressed:
        person.press(title)
    return person


def situation(person: Visitor) -> tuple[Any, ...]:
    """All that the next reply can depend on."""
    with person.falin.open_unit() as uow:
        case = uow.cases.find_open(person.client_id) is not None
    state = person.state() or {}
    slots = {name: name in ALIKE or value for name, value in state.get("slots", {}).items()}
    return json.dumps(slots, sort_keys=True), state.get("active_loop"), person.row().kind, case


def payload_of(person: Visitor, title: str) -> str:
    signed = person.buttons()[title].payload
    return person.falin.buttons.check(person.channel, person.key, signed) or ""


def find_faults(falin: Falin, path: Path, person: Visitor) -> list[str]:
    said = [outgoing.reply.text for outgoing in person.replies]
    wording = falin.library.wording
    faults = [] if said else ["silence"]
    faults += [n for n in ("utter_apology", "utter_stale_button") if wording.text(n) in said]
    titles = [b.title for o in person.replies for row in o.reply.buttons for b in row]
    faults += [f"the button “{title}” twice in one reply" for title in titles if titles.count(title) > 2]
    faults += ["a placeholder" for text in said if "{" in text]
    return [f"{path.opening} → {' → '.join(path.pressed)}: {fault}" for fault in faults]


@dataclass
class Crawl:
    """Args: payloads: all that were pressed.  faults: what was wrong.  done: (situation, payload) pressed already."""

    falin: Falin
    payloads: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)
    done: set[Any] = field(default_factory=set)

    def run(self, opening: str) -> None:
        queue = deque([Path(opening)])
        while queue:
            path = queue.popleft()
            person = walk(self.falin, path)
            self.faults += find_faults(self.falin, path, person)
            here = situation(person)
            for title, button in person.buttons().items():
                if not button.payload or len(path.pressed) == DEPTH:
                    continue
                payload = re.sub(r":\d+", ":…", payload_of(person, title))  # cases and times differ, acts do not
                if (here, payload) not in self.done:
                    self.done.add((here, payload))
                    self.payloads.add(payload)
                    queue.append(Path(opening, (*path.pressed, title)))


OPENINGS = ("/start", "/start qinggang", "老板拖欠工资怎么办", "我老公打我", "voice", "photo", "忘记我", "我要登记", "月亮", REGISTERED)


def test_every_button_leads_to_a_sensible_reply(falin: Falin) -> None:
    crawl = Crawl(falin)
    for opening in (*OPENINGS, find_question(falin, "拿不准的问题"), find_question(falin, "没有答案的问题")):
        crawl.run(opening)
    assert not crawl.faults, "\n".join(crawl.faults)
    wording = falin.library.wording
    written = {b.payload for name in wording.names() for row in wording._responses[name].buttons for b in row}
    unseen = {payload for payload in written - crawl.payloads if not payload.startswith(LATE)}
    assert unseen == set(), "buttons in domain.yml that nobody gets to"
    assert {f"slot:community={c.id}" for c in falin.library.street.communities} <= crawl.payloads
