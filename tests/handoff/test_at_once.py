"""Two processes, one PostgreSQL: what happens at the same moment happens once."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from bot.domain.buttons import Buttons
from bot.domain.errors import Collision, RuleBroken
from bot.domain.messages import Reply
from bot.services import casework
from bot.services.handoff import accept_case
from bot.services.timers import run_due
from bot.services.turn import Work
from tests.handoff.scene import Scene


@pytest.fixture(params=["sqlite", "postgresql"])
def scene(request: pytest.FixtureRequest) -> Iterator[Scene]:
    database = request.getfixturevalue(f"{request.param}_database")
    yield Scene(database.open_unit, buttons=Buttons(database.keys.derive("buttons")))
    database.engine.dispose()


def at_once(*work: Callable[[], object]) -> list[object]:
    """Run several things in threads that start together; results, or the errors raised."""
    start, results = threading.Barrier(len(work)), [None] * len(work)

    def run(index: int) -> None:
        start.wait()
        try:
            results[index] = work[index]()
        except Exception as error:
            results[index] = error

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(work))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return results


def do(scene: Scene, service: Callable, *arguments: object) -> Callable[[], object]:
    def work() -> object:
        with scene.open_unit() as uow:
            result = service(Work(uow, scene.library, scene.now), *arguments)
            uow.commit()
        return result

    return work


def add_replies(scene: Scene, first: int, second: int, meet: threading.Barrier) -> Callable[[], object]:
    """Replies to two clients in one transaction; in between the others are waited for."""

    def work() -> object:
        with scene.open_unit() as uow:
            uow.outbox.add(first, Reply("一"), scene.now)
            with contextlib.suppress(threading.BrokenBarrierError):
                meet.wait(1)
            uow.outbox.add(second, Reply("二"), scene.now)
            uow.commit()
        return "committed"

    return work


def test_a_browser_is_never_shown_a_later_reply_before_an_earlier_one(scene: Scene) -> None:
    client_id, shown = scene.member("chen").client_id, []
    added, looked = threading.Event(), threading.Event()

    def slow() -> None:
        with scene.open_unit() as uow:
            uow.outbox.add(client_id, Reply("先说的"), scene.now)
            added.set()
            looked.wait(1)  # in vain: nobody can say anything later before this is committed
            uow.commit()

    def quick() -> None:
        added.wait(5)
        with scene.open_unit() as uow:
            uow.outbox.add(client_id, Reply("后说的"), scene.now)
            uow.commit()
        shown.extend(o.reply.text for o in scene.assistant.list_replies(client_id, 0))
        looked.set()

    at_once(slow, quick)
    assert shown == ["先说的", "后说的"]


def test_a_deadlock_is_a_collision_that_can_be_taken_again(scene: Scene) -> None:
    one, two = scene.member("chen").client_id, scene.member("zhou").client_id
    meet = threading.Barrier(2)
    results = at_once(add_replies(scene, one, two, meet), add_replies(scene, two, one, meet))
    assert results.count("committed") >= 1
    assert [r for r in results if r != "committed" and not isinstance(r, Collision)] == []


def test_of_two_advisers_who_press_at_once_one_has_the_case(scene: Scene) -> None:
    for name in ("chen", "zhou"):
        scene.member(name)
    for _ in range(3):
        case = scene.open_case(scene.resident())
        scene.pass_time(minutes=30)  # both have been asked
        results = at_once(do(scene, accept_case, case.id, "chen"), do(scene, accept_case, case.id, "zhou"))
        refused = [r for r in results if isinstance(r, RuleBroken)]
        assert [r.code for r in refused] == ["taken"]
        assert scene.events(case).count("accepted") == 1
        with scene.open_unit(read_only=True) as uow:
            live = [a for a in uow.cases.list_assignments(case.id) if a.accepted_at and not a.ended_at]
        assert [a.adviser_id for a in live] == [scene.case(case).adviser_id]


def test_a_timer_rings_in_one_process_only(scene: Scene) -> None:
    scene.member("chen")
    zhou = scene.member("zhou")
    case = scene.open_case(scene.resident())
    later = scene.now + timedelta(minutes=30)
    at_once(*[lambda: run_due(scene.open_unit, scene.library, later)] * 3)
    assert scene.events(case).count("timed_out") == 1
    assert len(zhou.fetch()) == 1


def test_one_time_is_booked_once(scene: Scene) -> None:
    scene.member("chen")
    cases = [scene.open_case(scene.resident()) for _ in range(3)]
    at = scene.work(lambda work: casework.list_slots(work, cases[0])[0])
    results = at_once(*[do(scene, casework.book_slot, case.id, at) for case in cases])
    assert [r for r in results if r is not None] == [at]


def test_words_and_taking_over_at_the_same_moment_both_stand(scene: Scene) -> None:
    scene.member("chen")
    for _ in range(5):
        resident = scene.resident()
        case = scene.open_case(resident)
        at_once(do(scene, accept_case, case.id, "chen"), lambda person=resident: person.send("还有一句"))
        assert scene.case(case).accepted_at is not None
        with scene.open_unit(read_only=True) as uow:
            assert [m.text for m in uow.case_files.list_messages(case.id)] == ["还有一句"]
