"""What people say stands nowhere in plain: not in the output, not in the log, not on the disk."""
from __future__ import annotations

import logging
from pathlib import Path

import pytest

from tests.agent_home import Falin, run_falin

pytestmark = pytest.mark.agent
MARKER = "机密词丙"
SAID = (
    f"{MARKER}，老板拖欠工资怎么办", f"{MARKER} 我老公打我", "转人工", "白马社区", "居民", "同意", MARKER, "跳过", "不清楚",
    "我的案件", f"{MARKER}补充一句",
    f"{MARKER}今天天气怎么样", f"你好{MARKER}", f'/faq{{"{MARKER}":1}}', MARKER * 600, f"海上货物运输合同{MARKER}",
)  # fmt: skip
LOUD = {"LOG_LEVEL": "DEBUG", "LOG_LEVEL_LIBRARIES": "DEBUG", "LOG_LEVEL_RASA": "DEBUG", "PYTHONWARNINGS": "default"}


def plain_places(home: Path) -> list[str]:
    """Files below a FALIN_HOME, models aside, with the marker in them in any encoding people use here."""
    forms = [MARKER.encode(name) for name in ("utf-8", "gb18030", "utf-16-le")] + [ascii(MARKER)[1:-1].encode()]
    files = [path for path in home.rglob("*") if path.is_file() and "models" not in path.parts]
    assert any(path.name == "falin.db" for path in files)
    return [path.name for path in files if any(form in path.read_bytes() for form in forms)]


def test_a_conversation_at_debug_level_leaves_no_words(home: Path) -> None:
    done = run_falin(home, "chat", text="\n".join(SAID), **LOUD)
    assert done.returncode == 0, done.stderr
    assert "案件已登记" in done.stdout, "the conversation took place"
    assert MARKER not in done.stdout + done.stderr
    assert plain_places(home) == []


def test_no_log_record_of_any_library_carries_words(
    falin: Falin, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    person = falin.visitor()
    for words in SAID:
        person.send(words)
    person.send("我的案件")
    assert MARKER not in caplog.text + "".join(capfd.readouterr())
    assert plain_places(falin.home) == []
    assert falin.ledger()["escalation"] == 1
