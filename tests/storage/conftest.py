"""What all tests of the storage share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.services.unit_of_work import UnitOfWork, UnitOfWorkFactory
from tests.fakes import FakeDatabase


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def open_unit(request: pytest.FixtureRequest) -> Iterator[UnitOfWorkFactory]:
    """Units of work on the fakes and on both databases: all behave alike."""
    if request.param == "memory":
        yield FakeDatabase().open_unit
        return
    database = request.getfixturevalue(f"{request.param}_database")
    yield database.open_unit
    database.engine.dispose()


@pytest.fixture
def uow(open_unit: UnitOfWorkFactory) -> Iterator[UnitOfWork]:
    """One of them, under way."""
    with open_unit() as unit:
        yield unit
