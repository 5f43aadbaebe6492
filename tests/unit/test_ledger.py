from __future__ import annotations

from datetime import timedelta

from bot.domain.ledger import consultation_key, continues_session
from tests.builders import NOW


def test_a_pause_of_an_hour_ends_a_session() -> None:
    assert continues_session(NOW, NOW + timedelta(minutes=59, seconds=59))
    assert not continues_session(NOW, NOW + timedelta(minutes=60))


def test_a_first_message_continues_no_session() -> None:
    assert not continues_session(None, NOW)


def test_consultations_differ_by_client_session_and_matter() -> None:
    keys = {consultation_key(p, s, m) for p in ("a", "b") for s in (1, 2) for m in ("labour", "lending")}
    assert len(keys) == 8
