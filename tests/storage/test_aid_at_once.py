"""Two people of the office press the same button at the same moment: it happens once."""

from __future__ import annotations

from bot.domain.aid_applications import AidApplication
from bot.domain.errors import RuleBroken
from bot.services.aid_office import hand_over
from bot.services.turn import Work
from tests.aid_builders import aid_library, make_application
from tests.builders import NOW
from tests.conftest import Database
from tests.handoff.test_at_once import at_once


def test_an_application_is_handed_over_by_one_of_two_who_press_at_once(database: Database) -> None:
    for _ in range(3):
        with database.open_unit() as uow:
            client_id = uow.clients.find_or_add("webchat", "browser-1", NOW).id
            reference = uow.aid_applications.add(make_application(client_id)).reference
            uow.commit()

        def press(member: str, reference: str = reference) -> AidApplication:
            with database.open_unit() as uow:
                application = hand_over(Work(uow, aid_library(), NOW), reference, member)
                uow.commit()
            return application

        results = at_once(lambda: press("wu"), lambda: press("zheng"))
        assert sorted(type(result).__name__ for result in results) == ["AidApplication", RuleBroken.__name__]
        with database.open_unit() as uow:
            assert len(uow.outbox.list_after(client_id, 0)) == 1
            uow.outbox.mark_delivered(uow.outbox.list_after(client_id, 0)[0].id, NOW)
            uow.commit()
