"""Where the demo year may be made: in a database nobody uses, of the street it was invented for."""

from __future__ import annotations

from bot.domain.errors import FalinError
from bot.domain.street import Street
from bot.services.unit_of_work import UnitOfWork, UnitOfWorkFactory

REMEDY = "name an empty folder: FALIN_HOME=demo falin init --demo --yes; FALIN_HOME=demo falin demo year"


def require_demo_street(street: Street, demo_street: Street) -> None:
    """Raises FalinError for a street of somebody's own: invented acts would be put down to real people."""
    if street == demo_street:
        return
    if street.name == demo_street.name:
        raise FalinError(f"the street.yml of {street.name} was changed, and the invented year needs it as it came", REMEDY)
    raise FalinError(f"this installation serves {street.name}, and the invented year is one of {demo_street.name}", REMEDY)


def require_unused(open_unit: UnitOfWorkFactory) -> None:
    """Raises FalinError when somebody real may already be in the database."""
    with open_unit(read_only=True) as uow:
        if there := _find_use(uow):
            raise FalinError(f"there are {there} in this database, and invented ones must not stand beside them", REMEDY)


def _find_use(uow: UnitOfWork) -> str:
    """What stands there already; "" for nothing."""
    if not uow.ledger.is_empty():
        return "entries of the ledger"
    if not uow.clients.is_empty():
        return "people"
    return "enterprises" if uow.enterprises.list_all() else ""
