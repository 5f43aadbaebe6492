"""Log-in to the console: invitations, codes, sessions, wrong tries; time is passed in."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pyotp
import pytest

from bot.domain.console import ABSOLUTE, FREE_TRIES, IDLE, INVITE_VALID, LONGEST_PAUSE, TOUCH, count_try
from bot.domain.errors import NotFound, RuleBroken
from bot.domain.street import Member
from bot.services.console_accounts import (
    find_invite,
    find_session,
    finish_log_in,
    invite_to_console,
    join_console,
    log_out,
    log_out_everywhere,
    remove_access,
    start_log_in,
    touch_session,
)
from bot.services.credentials import find_step, hash_password, judge_password, verify_password
from tests.builders import NOW, make_street, make_turn
from tests.fakes import FakeDatabase, FakeUnitOfWork

STREET, HOME = make_street(), "203.0.113.9"
PASSWORD = "三棵黄桷树下-乘凉去"
STEP = timedelta(seconds=30)


@pytest.fixture
def uow() -> FakeUnitOfWork:
    return FakeDatabase().open_unit().__enter__()


def code_at(uow: FakeUnitOfWork, moment: datetime, member: str = "chen") -> str:
    return pyotp.TOTP(uow.state.console_accounts[member].secret).at(moment)


def join(uow: FakeUnitOfWork, member: str = "chen", now: datetime = NOW) -> list[str]:
    token = invite_to_console(uow, STREET, member, now)
    secret = find_invite(uow, STREET, token, now).secret
    return join_console(uow, STREET, token, "hash", pyotp.TOTP(secret).at(now), now)


def log_in(uow: FakeUnitOfWork, now: datetime, code: str | None = None, member: str = "chen") -> str | None:
    start_log_in(uow, member, HOME, now)
    return finish_log_in(uow, STREET, member, HOME, code_at(uow, now) if code is None else code, now)


# invitations


def test_an_invitation_works_once_and_leaves_an_account_with_recovery_codes(uow: FakeUnitOfWork) -> None:
    token = invite_to_console(uow, STREET, "chen", NOW)
    code = pyotp.TOTP(find_invite(uow, STREET, token, NOW).secret).at(NOW)
    codes = join_console(uow, STREET, token, "hash", code, NOW)
    assert len(set(codes)) == 8
    assert uow.state.console_accounts["chen"].password_hash == "hash"
    with pytest.raises(NotFound):
        join_console(uow, STREET, token, "another", code, NOW)


def test_a_wrong_code_leaves_the_invitation_as_it_was(uow: FakeUnitOfWork) -> None:
    token = invite_to_console(uow, STREET, "chen", NOW)
    with pytest.raises(RuleBroken):
        join_console(uow, STREET, token, "hash", "12345x", NOW)
    assert find_invite(uow, STREET, token, NOW).member_id == "chen"
    assert uow.state.console_accounts == {}


def test_an_invitation_expires_and_a_newer_one_replaces_it(uow: FakeUnitOfWork) -> None:
    token = invite_to_console(uow, STREET, "chen", NOW)
    assert find_invite(uow, STREET, token, NOW + INVITE_VALID - timedelta(seconds=1))
    with pytest.raises(NotFound):
        find_invite(uow, STREET, token, NOW + INVITE_VALID)
    invite_to_console(uow, STREET, "chen", NOW)
    with pytest.raises(NotFound):
        find_invite(uow, STREET, token, NOW)


def test_only_members_of_the_street_are_invited_and_join(uow: FakeUnitOfWork) -> None:
    with pytest.raises(NotFound):
        invite_to_console(uow, STREET, "wang", NOW)
    token = invite_to_console(uow, STREET, "chen", NOW)
    with pytest.raises(NotFound):
        find_invite(uow, make_street(members=(Member("zhou", "周律师"),)), token, NOW)


def test_tokens_and_codes_are_not_stored_in_plain(uow: FakeUnitOfWork) -> None:
    token = invite_to_console(uow, STREET, "zhou", NOW)
    codes = join(uow)
    session = log_in(uow, NOW + STEP * 2)
    stored = repr(uow.state)
    assert session
    assert not any(secret in stored for secret in (token, session, *codes))


def test_joining_anew_ends_what_was_before(uow: FakeUnitOfWork) -> None:
    old_codes = join(uow)
    session = log_in(uow, NOW + STEP * 2)
    join(uow, now=NOW + timedelta(hours=1))
    assert find_session(uow, STREET, session or "", NOW + timedelta(minutes=5)) is None
    assert log_in(uow, NOW + timedelta(hours=2), old_codes[0]) is None


# log-in


def test_a_code_works_once_and_older_ones_no_more(uow: FakeUnitOfWork) -> None:
    join(uow)
    now = NOW + STEP * 10
    assert log_in(uow, NOW, code_at(uow, NOW)) is None, "the code that was shown at joining"
    assert log_in(uow, now)
    assert log_in(uow, now) is None
    assert log_in(uow, now, code_at(uow, now - STEP)) is None
    assert log_in(uow, now + STEP)


@pytest.mark.parametrize(("steps", "works"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_off_by_half_a_minute(uow: FakeUnitOfWork, steps: int, works: bool) -> None:
    join(uow)
    now = NOW + STEP * 10
    assert bool(log_in(uow, now, code_at(uow, now + STEP * steps))) is works


@pytest.mark.parametrize("code", ["", " ", "000000", "１２３", "九八七", "1" * 5000, "'; drop table"])
def test_whatever_else_is_entered_is_wrong(uow: FakeUnitOfWork, code: str) -> None:
    join(uow)
    now = NOW + STEP * 10
    if code_at(uow, now) != code:
        assert log_in(uow, now, code) is None


def test_full_width_digits_and_spaces_are_read_as_digits() -> None:
    secret = pyotp.random_base32()
    code = pyotp.TOTP(secret).at(NOW)
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in code)
    assert find_step(secret, f" {wide[:3]} {wide[3:]}", NOW)


def test_a_recovery_code_works_once_however_it_is_written(uow: FakeUnitOfWork) -> None:
    first, second, *_ = join(uow)
    assert log_in(uow, NOW, f"  {first.lower().replace('-', ' ')} ")
    assert log_in(uow, NOW, first) is None
    assert log_in(uow, NOW, second)
    assert uow.console_accounts.count_recovery_codes("chen") == 6


def test_somebody_elses_recovery_code_is_wrong(uow: FakeUnitOfWork) -> None:
    join(uow)
    code = join(uow, "zhou")[0]
    assert log_in(uow, NOW, code) is None


def test_the_password_is_not_asked_of_nobody_but_takes_its_time() -> None:
    stored = hash_password(PASSWORD)
    assert verify_password(stored, PASSWORD)
    assert not verify_password(stored, PASSWORD + "x")
    assert not verify_password(None, PASSWORD)
    assert not verify_password("not a hash", PASSWORD)
    assert PASSWORD not in stored
    assert verify_password(hash_password("Ａbcdefghij1"), "Abcdefghij1"), "full width and half width are the same key"


@pytest.mark.parametrize(("password", "why"), [
    ("", "short"), ("九个字符的密码啊啊", "short"), ("x" * 201, "long"), ("1234567890", "common"),
    ("qwertyuiop", "common"), ("Password2026!", "common"), ("aaaaaaaaaaaa", "common"), ("woaini1314520", "common"),
    ("20011122334455", "common"), ("chen123456", "common"), ("ＰＡＳＳＷＯＲＤ１２３", "common"),
    ("abcdefghijkl", "common"), (PASSWORD, ""), ("correct horse battery", ""), ("moluo-4-xiang-wan", ""),
])  # fmt: skip
def test_short_and_common_passwords_are_refused(password: str, why: str) -> None:
    assert judge_password(password, "chen") == why


# wrong tries


def fail(uow: FakeUnitOfWork, times: int, member: str = "chen", address: str = HOME, now: datetime = NOW) -> list[bool]:
    return [start_log_in(uow, member, address, now).blocked for _ in range(times)]


@pytest.mark.parametrize("member", ["chen", "nobody-at-all", "x" * 4000])
def test_after_five_wrong_tries_a_pause_known_or_unknown_alike(uow: FakeUnitOfWork, member: str) -> None:
    join(uow)
    free = FREE_TRIES["member"]
    assert fail(uow, free + 1, member) == [False] * free + [True]
    assert fail(uow, 1, member, now=NOW + timedelta(seconds=29)) == [True]
    assert fail(uow, 1, member, now=NOW + timedelta(seconds=30)) == [False]
    assert fail(uow, 1, member, now=NOW + timedelta(seconds=89)) == [True], "the next pause is twice as long"
    assert fail(uow, 1, member, now=NOW + timedelta(seconds=90)) == [False]


def test_pauses_grow_to_a_quarter_of_an_hour_and_are_forgiven_after_a_day() -> None:
    tries, now = None, NOW
    for _ in range(60):
        tries = count_try(tries, "member", now)
        now = tries.blocked_until or now
    assert tries
    assert tries.blocked_until == tries.last_at + LONGEST_PAUSE
    assert count_try(tries, "member", tries.last_at + timedelta(hours=24)).failures == 1


def test_one_address_that_tries_many_accounts_is_slowed_down(uow: FakeUnitOfWork) -> None:
    free = FREE_TRIES["address"]
    blocked = [start_log_in(uow, f"m{number}", HOME, NOW).blocked for number in range(free + 1)]
    assert blocked == [False] * free + [True]
    assert fail(uow, 1, "m1", address="198.51.100.7") == [False]


def test_a_blocked_try_does_not_prolong_the_pause(uow: FakeUnitOfWork) -> None:
    fail(uow, 50)
    assert fail(uow, 1, now=NOW + timedelta(seconds=30)) == [False]


def test_success_clears_the_accounts_tries_and_does_not_use_up_the_offices_address(uow: FakeUnitOfWork) -> None:
    join(uow)
    fail(uow, 4)
    for number in range(1, 41):
        assert log_in(uow, NOW + STEP * 2 * number), f"log-in {number}"
    assert uow.console_accounts.find_tries("member", "chen") is None
    assert uow.console_accounts.find_tries("address", HOME).failures == 4


def test_many_tries_at_once_are_counted_before_any_is_decided(uow: FakeUnitOfWork) -> None:
    join(uow)
    begun = [start_log_in(uow, "chen", HOME, NOW) for _ in range(10)]
    assert sum(not one.blocked for one in begun) == FREE_TRIES["member"]


# sessions


def open_session(uow: FakeUnitOfWork) -> str:
    join(uow, now=NOW - timedelta(hours=1))
    return log_in(uow, NOW) or pytest.fail("not logged in")


def test_an_idle_session_ends(uow: FakeUnitOfWork) -> None:
    token = open_session(uow)
    found = find_session(uow, STREET, token, NOW + IDLE - timedelta(seconds=1))
    assert found
    assert found[0].id == "chen"
    assert find_session(uow, STREET, token, NOW + IDLE) is None


def test_a_session_in_use_ends_after_twelve_hours_across_beijing_midnight(uow: FakeUnitOfWork) -> None:
    evening = datetime(2026, 12, 31, 10, 0, tzinfo=timezone.utc)  # six in the evening in Beijing
    join(uow, now=evening - timedelta(hours=1))
    token = log_in(uow, evening) or ""
    now = evening
    while now + IDLE / 2 < evening + ABSOLUTE:
        now += IDLE / 2
        assert find_session(uow, STREET, token, now), now
        touch_session(uow, token, now)
    assert find_session(uow, STREET, token, evening + ABSOLUTE) is None


def test_use_is_written_down_once_a_minute(uow: FakeUnitOfWork) -> None:
    token = open_session(uow)
    assert find_session(uow, STREET, token, NOW + TOUCH - timedelta(seconds=1))[1] is False
    assert find_session(uow, STREET, token, NOW + TOUCH)[1] is True


def test_logging_out_ends_one_session_or_all(uow: FakeUnitOfWork) -> None:
    first, second, third = open_session(uow), *(log_in(uow, NOW + STEP * n) or "" for n in (2, 4))
    log_out(uow, first)
    assert find_session(uow, STREET, first, NOW) is None
    assert find_session(uow, STREET, second, NOW)
    log_out_everywhere(uow, "chen")
    assert find_session(uow, STREET, second, NOW) is find_session(uow, STREET, third, NOW) is None


@pytest.mark.parametrize("token", ["", "made-up", "x" * 10_000])
def test_a_forged_session_is_nobodys(uow: FakeUnitOfWork, token: str) -> None:
    open_session(uow)
    assert find_session(uow, STREET, token, NOW) is None


def test_whoever_left_street_yml_is_out_at_once(uow: FakeUnitOfWork) -> None:
    token = open_session(uow)
    assert find_session(uow, make_street(members=(Member("zhou", "周律师"),)), token, NOW) is None


def test_a_removed_member_is_out_everywhere(uow: FakeUnitOfWork) -> None:
    token = open_session(uow)
    account = make_turn(uow, key="chat-of-chen").client
    uow.members.add_account("chen", account.id, NOW)
    remove_access(uow, "chen")
    assert find_session(uow, STREET, token, NOW) is None
    assert uow.members.find_account("chen") is None
    assert start_log_in(uow, "chen", HOME, NOW).password_hash is None
