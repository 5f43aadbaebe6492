"""The only place where real parts are joined. Tests join fakes instead."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy.engine import Engine

from bot.domain.calendar import beijing_day, utc_now
from bot.domain.errors import NotReady
from bot.domain.street import Street
from bot.garbage import no_search_for_garbage
from bot.knowledge.aid_file import load_aid_file
from bot.knowledge.emergencies import load_emergencies
from bot.knowledge.entries import load_entries
from bot.knowledge.holidays import work_calendar
from bot.knowledge.laws import load_laws
from bot.knowledge.matters import load_matters
from bot.knowledge.outcomes_file import load_outcomes
from bot.knowledge.street_file import load_street
from bot.knowledge.triage_file import load_triage
from bot.knowledge.wording import Wording
from bot.services.turn import Library
from bot.services.unit_of_work import UnitOfWork, UnitOfWorkFactory
from bot.settings import PROJECT, Settings
from bot.storage.client_tables import check_keys
from bot.storage.engine import make_engine
from bot.storage.file_store import FileStore
from bot.storage.migrate import require_current
from bot.storage.sealing import Keys, load_keys
from bot.storage.sql_unit_of_work import SqlUnitOfWork

if TYPE_CHECKING:
    from bot.assistant.assistant import Assistant
    from bot.assistant.rasa_brain import RasaBrain

FAQ = PROJECT / "nlu_data" / "faq"
LAWS = PROJECT / "nlu_data" / "laws.yml"
TRIAGE = PROJECT / "nlu_data" / "triage"
LEGAL_AID = PROJECT / "nlu_data" / "legal_aid.yml"


def load_street_of(settings: Settings) -> Street:
    """The street this installation serves.

    Raises:
        NotReady: falin init has not been run.
        ConfigError: street.yml is malformed.
    """
    if not settings.street_file.exists():
        raise NotReady(f"{settings.street_file} does not exist", "run: falin init --demo --yes")
    return load_street(settings.street_file)


def load_library(street: Street, *, has_law_texts: bool = False) -> Library:
    """Knowledge, wording and street.

    Args:
        has_law_texts: whether law texts are imported, so that articles can be shown.

    Raises:
        ConfigError: a file is malformed.
    """
    defaults = {"street": street.name, "office": street.office, "phone": street.phone, "hours": street.hours}
    return Library(
        entries=load_entries(FAQ),
        matters=load_matters(PROJECT / "nlu_data" / "matters.yml"),
        wording=Wording.load(PROJECT / "domain.yml", defaults),
        street=street,
        emergencies=load_emergencies(PROJECT / "nlu_data" / "lexicon" / "crisis.yml"),
        laws=load_laws(LAWS),
        has_law_texts=has_law_texts,
        outcomes=load_outcomes(PROJECT / "nlu_data" / "outcomes.yml"),
        calendar=work_calendar(street),
        triage=load_triage(TRIAGE),
        legal_aid=load_aid_file(LEGAL_AID).rules,
    )


def load_usable_library(settings: Settings) -> Library:
    """The library without withdrawn entries, for asking without a conversation.

    Raises:
        NotReady, ConfigError: see load_street_of, open_database, load_library.
    """
    from bot.law_texts import keep_index_current
    from bot.services.consultations import find_withdrawn

    open_unit = unit_of_work_factory(open_database(settings), load_keys(settings.secret_file))
    index = keep_index_current(settings, open_unit, beijing_day(utc_now()))
    library = load_library(load_street_of(settings), has_law_texts=index is not None)
    with open_unit(read_only=True) as uow:
        withdrawn = find_withdrawn(uow, library, utc_now())
    return replace(library, entries={name: e for name, e in library.entries.items() if name not in withdrawn})


def open_database(settings: Settings) -> Engine:
    """The migrated database.

    Raises:
        NotReady: it cannot be opened or has an older schema.  ConfigError: its URL is malformed.
    """
    engine = make_engine(settings.database_url)
    require_current(engine)
    return engine


def unit_of_work_factory(engine: Engine, keys: Keys, files: FileStore | None = None) -> UnitOfWorkFactory:
    """Opens units of work on the real database. Args: files: where sealed files lie, for whoever needs them."""

    def open_unit(*, read_only: bool = False) -> UnitOfWork:
        return SqlUnitOfWork(engine, keys, read_only=read_only, files=files)

    return open_unit


def make_brain(model: Path) -> RasaBrain:
    """The Rasa agent; takes about ten seconds, nearly all of it Rasa's own imports."""
    with no_search_for_garbage():
        from actions import FILE_SLOTS, FREE_TEXT, HANDLERS, READERS
        from bot.assistant.rasa_brain import RasaBrain, warm_up

        brain = RasaBrain(model, HANDLERS, READERS, FREE_TEXT, FILE_SLOTS)
    warm_up(brain)
    return brain


class Parts(NamedTuple):
    """The joined parts that a channel needs."""

    assistant: Assistant
    open_unit: UnitOfWorkFactory
    library: Library
    engine: Engine
    keys: Keys


def make_assistant(settings: Settings, model: Path) -> Parts:
    """The whole assistant on the real database.

    Raises:
        NotReady, ConfigError: see above.
    """
    from bot.assistant.assistant import Assistant
    from bot.assistant.links import Links
    from bot.domain.buttons import Buttons
    from bot.law_texts import keep_index_current

    keys = load_keys(settings.secret_file)
    engine = open_database(settings)
    check_keys(engine, keys)
    open_unit = unit_of_work_factory(engine, keys, FileStore(settings.files, keys))
    index = keep_index_current(settings, open_unit, beijing_day(utc_now()))
    library = load_library(load_street_of(settings), has_law_texts=index is not None)
    library = replace(library, web_url=settings.web_url, telegram_name=settings.telegram_name)
    links = Links(keys.derive("links"), settings.web_url, settings.telegram_name)
    assistant = Assistant(open_unit, make_brain(model), library, Buttons(keys.derive("buttons")), links=links)
    return Parts(assistant, open_unit, library, engine, keys)
