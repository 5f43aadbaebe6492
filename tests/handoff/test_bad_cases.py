"""Lost phones, two hundred cases, clocks that jump, New Year in Beijing."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from bot.domain.calendar import BEIJING
from bot.knowledge.holidays import is_workday, knows_year, work_calendar
from bot.services import assigning
from bot.services.handoff import accept_case
from bot.services.members import accept_invite, invite_member
from bot.services.timers import run_due
from tests.builders import NOW
from tests.handoff.scene import Person, Scene


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_an_adviser_who_lost_the_phone_goes_on_with_a_new_one(scene: Scene) -> None:
    old, resident = scene.member("chen"), scene.resident()
    case = scene.open_case(resident)
    old.fetch()
    old.press("接手")
    resident.fetch()
    new = Person(scene, "telegram", "new-phone")
    new.send("你好")
    token = scene.work(lambda work: invite_member(work.uow, work.library.street, "chen", work.now))
    assert scene.work(lambda work: accept_invite(work.uow, token, new.client_id, work.now)) == "chen"
    resident.send("您还在吗")
    assert new.fetch() == [f"【{case.reference}】您还在吗"]
    assert old.fetch() == []
    new.send("在，换了手机")
    assert resident.fetch() == ["陈律师：在，换了手机"]
    assert old.answer("由您办理", "我捡到一部手机") == ["答：我捡到一部手机"], "the old phone is a stranger's"
    assert resident.fetch() == []


def test_two_hundred_open_cases_are_still_a_list_one_can_use(scene: Scene) -> None:
    chen = scene.member("chen")
    cases = scene.open_many(200)
    for case in cases[:3]:
        scene.work(accept_case, case.id, "chen")
    chen.fetch()
    (told,) = chen.send("/cases")
    assert told.startswith("您手上有200件")
    assert len(told) < 4_000, "one message"
    shown = chen.messages[-1].reply.buttons
    assert len(shown) <= 100, "Telegram takes a hundred buttons"
    (question,) = chen.send("这句话没有写给谁")
    assert "3件" in question
    last = scene.resident()
    last_case = scene.open_case(last)
    assert "第198位" in last.send("排到哪里了")[0], "197 wait before it"
    assert scene.case(last_case).promised_at is not None


def test_a_clock_that_is_set_back_rings_nothing_twice(scene: Scene) -> None:
    scene.member("chen")
    zhou = scene.member("zhou")
    case = scene.open_case(scene.resident())
    scene.pass_time(minutes=30)
    scene.now -= timedelta(hours=3)
    run_due(scene.open_unit, scene.library, scene.now)
    scene.pass_time(hours=3)
    assert scene.events(case).count("timed_out") == 1
    assert len(zhou.fetch()) == 1


def test_a_timer_that_broke_off_half_way_left_nothing_and_rings_again(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.member("chen")
    zhou = scene.member("zhou")
    case = scene.open_case(scene.resident())
    with monkeypatch.context() as broken:
        broken.setattr(assigning, "reassign", lambda *_, **__: 1 / 0)  # after the assignment has been ended
        scene.pass_time(minutes=30)
    assert scene.events(case) == ["opened", "assigned"]
    assert scene.case(case).adviser_id == "chen"
    scene.pass_time()
    assert scene.events(case).count("timed_out") == 1
    assert len(zhou.fetch()) == 1


def test_a_clock_that_jumps_ahead_rings_everything_once(scene: Scene) -> None:
    for name in ("chen", "zhou", "wu"):
        scene.member(name)
    resident = scene.resident()
    case = scene.open_case(resident)
    for _ in range(5):
        scene.pass_time(days=3)
    assert [scene.events(case).count(kind) for kind in ("timed_out", "supervisor", "promise_broken")] == [2, 1, 1]


@pytest.fixture
def real_calendar(scene: Scene) -> Scene:
    scene.library = replace(scene.library, calendar=work_calendar(scene.library.street))
    return scene


@pytest.mark.parametrize(
    ("opened", "promised"),
    [
        ("2025-12-31 17:59", "2026-01-04 10:59"),  # the 4th, a Sunday, is worked
        ("2026-02-14 11:00", "2026-02-14 15:00"),  # a Saturday that is worked before Spring Festival
        ("2026-02-14 17:00", "2026-02-24 10:00"),  # then nine days off
        ("2026-09-30 17:30", "2026-10-08 10:30"),
        ("2026-10-09 17:00", "2026-10-10 10:00"),
    ],
)
def test_promises_know_holidays_and_days_that_are_worked_instead(
    real_calendar: Scene, opened: str, promised: str
) -> None:
    def moment(text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=BEIJING)

    real_calendar.now = moment(opened).astimezone(timezone.utc)
    real_calendar.member("chen")
    assert real_calendar.open_case(real_calendar.resident()).promised_at == moment(promised)


def test_a_year_that_is_not_arranged_yet_knows_weekends_and_the_fixed_holidays() -> None:
    year = next(year for year in range(NOW.year, NOW.year + 5) if not knows_year(year))
    new_year = datetime(year, 1, 1, tzinfo=BEIJING).date()
    assert not is_workday(new_year)
    following = [new_year + timedelta(days=offset) for offset in range(1, 8)]
    assert [is_workday(day) for day in following] == [day.weekday() < 5 for day in following]


@pytest.mark.parametrize(("second", "year"), [(-1, "26"), (0, "27")])
def test_new_year_begins_at_midnight_in_beijing(scene: Scene, second: int, year: str) -> None:
    scene.now = datetime(2026, 12, 31, 16, 0, tzinfo=timezone.utc) + timedelta(seconds=second)
    scene.member("chen")
    case = scene.open_case(scene.resident())
    assert case.reference.startswith(f"F{year}-")
    with scene.open_unit() as uow:
        (entry,) = [e for e in uow.state.ledger if e.kind == "escalation"]
    assert entry.occurred_at.astimezone(BEIJING).year == 2000 + int(year)
