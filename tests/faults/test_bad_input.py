"""Whatever arrives gets exactly one reply, is not counted, changes nothing and leaves no trace in the log."""
from __future__ import annotations

import logging
from typing import Any

import pytest

from bot.domain.messages import FILE_KINDS
from tests.agent_home import Falin, Visitor

pytestmark = pytest.mark.agent

# What arrives → the response of domain.yml it gets; None: any one reply of the agent.
BAD_INPUT: dict[str, tuple[dict[str, Any], str | None]] = {
    "nothing": ({"text": ""}, "utter_empty"),
    "spaces": ({"text": " \t\n　 "}, "utter_empty"),
    "only emoji": ({"text": "😂😂👍🏽❤️"}, "utter_empty"),
    "only punctuation": ({"text": "？？？！！……"}, "utter_empty"),
    "half a surrogate": ({"text": "\ud83d"}, "utter_empty"),
    "NUL": ({"text": "\x00\x00"}, "utter_empty"),
    "control characters": ({"text": "\x1b[2J\x07\x7f"}, None),
    "right-to-left marks": ({"text": "\u202e\u200f\u2067"}, "utter_empty"),
    "right-to-left override around a word": ({"text": "\u202e你好\u202c"}, None),
    "50,000 characters": ({"text": "工资" * 25_000}, "utter_too_long"),
    "one very long word": ({"text": "a" * 2_000}, None),
    "a legal question and a NUL": ({"text": "你\x00好"}, "utter_greet"),
    "an intent of Rasa": ({"text": '/faq{"x":1}'}, "utter_unknown_command"),
    "an intent of Rasa after spaces": ({"text": '  　/crisis{"x":1}'}, "utter_unknown_command"),
    "a service of Rasa": ({"text": "/request_adviser"}, "utter_unknown_command"),
    "a slot by hand": ({"text": '/inform{"consent":"yes"}'}, "utter_unknown_command"),
    "a restart of Rasa": ({"text": "/restart"}, "utter_unknown_command"),
    "a session of Rasa": ({"text": "/session_start"}, "utter_unknown_command"),
    "an intent behind a mark": ({"text": '\u200b/confirm_forget{"x":1}'}, None),
    "an intent with a wide slash": ({"text": "／confirm_forget"}, None),
    "SQL": ({"text": "'; DROP TABLE clients; --"}, None),
    "HTML": ({"text": "<script>alert(1)</script>"}, None),
    "a template": ({"text": "{{7*7}} {phone} %s %n ${HOME}"}, None),
    "a path": ({"text": "../../etc/passwd"}, None),
    "an edited message": ({"text": "老板不发工资", "edited": True}, "utter_edited"),
    "a made-up button": ({"choice": "AAAAAAAAAAintent:confirm_forget"}, "utter_stale_button"),
    "an empty button": ({"choice": ""}, "utter_stale_button"),
    "a button of noise": ({"choice": "\ud83d\x00" * 40}, "utter_stale_button"),
    **{f"a {kind}": ({"file": kind}, None) for kind in FILE_KINDS},
    "an attachment of a kind nobody knows": ({"file": "hologram"}, "utter_cannot_read_file"),
}
# Payloads that falin once signed and no longer knows.
STALE = ("intent:no_such_intent", "entry:no.such_entry", "slot:community=baima", "slot:no_such=1", "verb:x", "nonsense")


def assert_one_reply(falin: Falin, person: Visitor, wanted: str | None, caplog: pytest.LogCaptureFixture) -> None:
    assert len(person.replies) == 1, person.text
    assert falin.library.wording.text("utter_apology") != person.text
    if wanted:
        assert person.text == falin.library.wording.text(wanted)
    assert falin.ledger() == {}
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize("name", BAD_INPUT)
def test_bad_input_gets_one_reply_and_nothing_is_counted(
    name: str, falin: Falin, caplog: pytest.LogCaptureFixture
) -> None:
    content, wanted = BAD_INPUT[name]
    person = falin.visitor()
    person.send(**content)
    assert_one_reply(falin, person, wanted, caplog)
    assert (person.state() or {"slots": {}})["slots"] == {}


@pytest.mark.parametrize("name", BAD_INPUT)
def test_bad_input_does_not_disturb_a_registration(name: str, falin: Falin, caplog: pytest.LogCaptureFixture) -> None:
    person = falin.visitor()
    person.send("我要登记")
    person.press("白马社区")
    before = person.state()
    person.send(**BAD_INPUT[name][0])
    assert person.replies
    assert person.state() == before
    assert falin.ledger() == {}
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize("payload", STALE)
def test_a_button_of_an_earlier_version_is_explained(
    payload: str, falin: Falin, caplog: pytest.LogCaptureFixture
) -> None:
    person = falin.visitor()
    person.send(choice=falin.buttons.sign(person.channel, person.key, payload))
    assert_one_reply(falin, person, "utter_stale_button", caplog)


def test_a_button_shown_to_somebody_else_does_nothing(falin: Falin, caplog: pytest.LogCaptureFixture) -> None:
    owner, thief = falin.visitor(), falin.visitor()
    owner.send("忘记我")
    thief.send(choice=owner.buttons()["确认删除"].payload)
    assert_one_reply(falin, thief, "utter_stale_button", caplog)


def test_a_community_that_is_gone_is_asked_for_again(falin: Falin) -> None:
    person = falin.visitor()
    person.send("我要登记")
    before = person.state()
    person.send(choice=falin.buttons.sign(person.channel, person.key, "slot:community=gone"))
    assert "哪个社区" in person.text
    assert person.state() == before


def test_consent_counts_only_when_it_was_just_asked_for(falin: Falin) -> None:
    person = falin.visitor()
    person.send("我要登记")
    person.send(choice=falin.buttons.sign(person.channel, person.key, "slot:consent=yes"))
    assert "哪个社区" in person.text
    person.send("白马社区")
    person.send("居民")
    assert "隐私告知" in person.text, "consent was taken before it was asked for"
    assert falin.ledger() == {}
