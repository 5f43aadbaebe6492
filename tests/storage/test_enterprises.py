"""The register of enterprises, in memory, on SQLite and on PostgreSQL: kept, found, sealed, registered once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.domain.enterprises import Enterprise
from bot.domain.errors import NotFound, RuleBroken
from bot.services.enterprises import (
    EnterpriseForm,
    change_enterprise,
    end_enterprise,
    list_enterprises,
    register_enterprise,
    require_enterprise,
)
from bot.services.turn import Work
from bot.services.unit_of_work import UnitOfWork, UnitOfWorkFactory
from bot.storage.tables import enterprises
from tests.builders import NOW, make_library
from tests.conftest import Database

LIBRARY = make_library()
FORM = EnterpriseForm("梨树（重庆）面馆", "baima", contact="李老板 13800001111", choices=("contract_review", "labour"))


def run(open_unit: UnitOfWorkFactory, do: Any, member_id: str, *arguments: Any) -> Any:
    """One service in a transaction of its own."""
    with open_unit() as uow:
        found = do(Work(uow, LIBRARY, NOW), LIBRARY.street.find_member(member_id), *arguments)
        uow.commit()
    return found


def names(open_unit: UnitOfWorkFactory, member_id: str) -> list[str]:
    return [e.name for e in run(open_unit, list_enterprises, member_id)]


def add(uow: UnitOfWork, name: str = "梨树面馆", **values: Any) -> Enterprise:
    made = Enterprise(**{"id": 0, "pseudonym": "", "name": name, "community": "baima", "adviser_id": "chen", "assigned_at": NOW, **values})
    return uow.enterprises.add(made)


def test_an_enterprise_is_kept_as_it_was_written(open_unit: UnitOfWorkFactory) -> None:
    with open_unit() as uow:
        plain = add(uow)
        whole = add(uow, "白马五金", contact="王老板", choices=("debt",), ended_at=NOW + timedelta(days=3))
        uow.commit()
    with open_unit(read_only=True) as uow:
        assert uow.enterprises.list_all() == [plain, whole]
        assert uow.enterprises.get(whole.id) == whole
        assert plain.pseudonym
        assert plain.pseudonym != whole.pseudonym
        assert uow.enterprises.find_by_pseudonym(plain.pseudonym) == plain
        assert uow.enterprises.find_by_pseudonym("") is None
        with pytest.raises(NotFound):
            uow.enterprises.get(999)


@pytest.mark.parametrize("written", ["梨树（重庆）面馆", " 梨树(重庆) 面馆 ", "“梨树（重庆）面馆”"])
def test_a_name_is_found_however_it_is_written(open_unit: UnitOfWorkFactory, written: str) -> None:
    made = run(open_unit, register_enterprise, "wu", FORM)
    with open_unit(read_only=True) as uow:
        assert uow.enterprises.find_by_name(written) == made
        assert uow.enterprises.find_by_name("梨树面馆") is None


def test_registering_counts_it_once_and_a_second_one_of_the_name_is_refused(open_unit: UnitOfWorkFactory) -> None:
    made = run(open_unit, register_enterprise, "wu", FORM)
    with pytest.raises(RuleBroken, match="registered") as error:
        run(open_unit, register_enterprise, "wu", replace(FORM, name="梨树(重庆)面馆", community="qinggang"))
    assert error.value.code == "enterprise_known"
    with open_unit(read_only=True) as uow:
        assert uow.enterprises.list_all() == [made]
        (entry,) = uow.ledger.list_for_client(made.pseudonym, 9)
        assert (entry.kind, entry.subject, entry.served_by) == ("enterprise_assigned", "enterprise", "adviser:chen")
        assert (entry.community, entry.recorded_by) == ("baima", "wu")


def test_a_change_keeps_the_pseudonym_and_counts_nothing(open_unit: UnitOfWorkFactory) -> None:
    made = run(open_unit, register_enterprise, "wu", FORM)
    moved = EnterpriseForm("梨树酒楼", "qinggang", choices=("debt",))
    run(open_unit, change_enterprise, "wu", made.id, moved)
    with open_unit(read_only=True) as uow:
        found = uow.enterprises.get(made.id)
        assert uow.enterprises.find_by_name("梨树酒楼") == found
        assert uow.enterprises.find_by_name(FORM.name) is None
        assert len(uow.ledger.list_for_client(made.pseudonym, 9)) == 1
    assert found == replace(made, name="梨树酒楼", community="qinggang", adviser_id="zhou", contact="", choices=("debt",))


def test_a_name_that_another_one_has_is_not_taken_over(open_unit: UnitOfWorkFactory) -> None:
    made = run(open_unit, register_enterprise, "wu", FORM)
    other = run(open_unit, register_enterprise, "wu", replace(FORM, name="白马五金"))
    with pytest.raises(RuleBroken, match="registered"):
        run(open_unit, change_enterprise, "wu", other.id, FORM)
    run(open_unit, change_enterprise, "wu", made.id, replace(FORM, contact="新老板"))
    with open_unit(read_only=True) as uow:
        assert [(e.name, e.contact) for e in uow.enterprises.list_all()] == [(FORM.name, "新老板"), ("白马五金", FORM.contact)]


def test_the_end_of_an_enterprise_is_set_once(open_unit: UnitOfWorkFactory) -> None:
    made = run(open_unit, register_enterprise, "wu", FORM)
    run(open_unit, end_enterprise, "wu", made.id)
    with open_unit() as uow:
        member = LIBRARY.street.find_member("wu")
        assert member
        end_enterprise(Work(uow, LIBRARY, NOW + timedelta(days=1)), member, made.id)
        assert uow.enterprises.get(made.id).ended_at == NOW


def test_an_adviser_keeps_to_the_own_communities_and_a_mediator_has_no_register(open_unit: UnitOfWorkFactory) -> None:
    made = run(open_unit, register_enterprise, "chen", FORM)
    assert [names(open_unit, member) for member in ("chen", "wu", "zhou")] == [[FORM.name], [FORM.name], []]
    for member, do, values in (
        ("zhou", register_enterprise, (replace(FORM, name="白马五金"),)),
        ("zhou", change_enterprise, (made.id, FORM)),
        ("zhou", require_enterprise, (made.id,)),
        ("laozhou", end_enterprise, (made.id,)),
        ("laozhou", register_enterprise, (replace(FORM, name="白马五金"),)),
    ):
        with pytest.raises(RuleBroken) as error:
            run(open_unit, do, member, *values)
        assert error.value.code == "not_allowed"
    with open_unit(read_only=True) as uow:
        assert uow.enterprises.list_all() == [made]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": " 《》 "}, "enterprise_name"), ({"name": "面" * 61}, "enterprise_name"), ({"contact": "1" * 81}, "enterprise_name"),
        ({"community": "mars"}, "community"), ({"choices": ("dance",)}, "enterprise_choice"), ({"adviser_id": "laozhou"}, "member"),
    ],
)  # fmt: skip
def test_a_faulty_form_registers_nothing(open_unit: UnitOfWorkFactory, changes: dict[str, Any], code: str) -> None:
    with pytest.raises(RuleBroken) as error:
        run(open_unit, register_enterprise, "wu", replace(FORM, **changes))
    assert error.value.code == code
    with open_unit(read_only=True) as uow:
        assert uow.enterprises.list_all() == []
        assert uow.ledger.is_empty()


def test_neither_name_nor_contact_stands_in_the_database_and_a_name_stands_there_once(database: Database) -> None:
    made = run(database.open_unit, register_enterprise, "wu", FORM)
    with database.engine.connect() as connection:
        stored = repr([tuple(row) for row in connection.execute(sa.select(enterprises))])
    assert made.pseudonym in stored
    for word in ("面馆", "李老板", "13800001111"):
        assert word not in stored
        assert repr(word.encode())[2:-1] not in stored, "as bytes"
    with pytest.raises(sa.exc.IntegrityError), database.open_unit() as uow:
        add(uow, "梨树(重庆)面馆")
