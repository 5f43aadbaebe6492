"""A synthetic year of the demo street, done through the real services: what `falin demo year` makes.

The sizes are those that one street published for one year (DESIGN, section 1, names them); every name, number and
sentence is invented. The same seed does the same acts at the same moments; only pseudonyms and references are random.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta, timezone
from typing import Any

from bot.domain.calendar import BEIJING
from bot.domain.decisions import Understanding
from bot.domain.errors import FalinError
from bot.domain.mediation import Content, Person, Terms
from bot.domain.records import Record
from bot.domain.street import Member
from bot.services.casework import close_case, rate_case
from bot.services.consultations import answer_entry, guide_emergency, refer_question
from bot.services.enterprises import EnterpriseForm, register_enterprise
from bot.services.handoff import accept_case, open_case
from bot.services.mediation import Referral, refer_dispute
from bot.services.mediation_results import Result, record_result
from bot.services.mediation_steps import accept_mediation
from bot.services.recording import correct_entry, record_service
from bot.services.registration import forget_client, register_client
from bot.services.relay import say_to_client
from bot.services.timers import run_due
from bot.services.turn import Library, Turn, Work
from bot.services.unit_of_work import UnitOfWorkFactory

BATCH = 100  # acts in a transaction
Act = Callable[[Work], None]


@dataclass(frozen=True)
class Sizes:
    """How much happens. The sum of what counts as a service is 1,307 (see tests/demo)."""

    registered: tuple[int, ...] = (2231, 2087, 2154, 2043, 2014)  # by community, 10,529
    enterprises: int = 135
    visits: int = 76
    meetings: int = 18
    agreed: int = 222
    failed: int = 19
    parties: int = 468
    amount: int = 378_120_000  # fen
    reviews: int = 661
    walk_ins: int = 86
    calls: int = 74
    answered: int = 96
    referred: int = 20
    urgent: int = 4
    cases: int = 60
    aid: int = 12
    notary: int = 14
    opinions: int = 21
    papers: int = 18
    events: int = 33
    leaflets: int = 23_000
    videos: int = 16
    posts: int = 40
    literate: int = 17
    duty_days: int = 240
    forgotten: int = 3

    def scaled(self, share: float) -> Sizes:
        """A smaller year, for the year before and for tests."""
        values: dict[str, Any] = self.__dict__
        small = {name: max(1, round(value * share)) for name, value in values.items() if name != "registered"}
        small["parties"] = max(small["parties"], 2 * small["agreed"])
        small["registered"] = tuple(max(1, round(n * share)) for n in self.registered)
        return Sizes(**small)


@dataclass
class Year:
    """One year under way."""

    library: Library
    year: int
    sizes: Sizes
    chance: random.Random
    acts: list[tuple[datetime, int, Act]] = field(default_factory=list)
    clients: dict[int, int] = field(default_factory=dict)  # number → id
    homes: list[str] = field(default_factory=list)  # number → community
    enterprises: list[tuple[str, str]] = field(default_factory=list)  # pseudonym, community
    number: int = 0

    def moment(self, first: int = 0, last: int = 364) -> datetime:
        """Some moment of the office's hours; more of them in spring and before the New Year festival."""
        for _ in range(400):
            day = date(self.year, 1, 1) + timedelta(days=self.chance.randint(first, last))
            begin, end = self.chance.choice(self.library.calendar.spans)
            minutes = (datetime.combine(day, end) - datetime.combine(day, begin)).seconds // 60
            at = datetime.combine(day, begin, BEIJING) + timedelta(minutes=self.chance.randrange(5, minutes - 5))
            if self.library.calendar.is_open(at) and self.chance.random() < (1.0 if day.month in (3, 4, 11, 12) else 0.7):
                return at.astimezone(timezone.utc)
        return datetime.combine(date(self.year, 6, 15), time(10), BEIJING).astimezone(timezone.utc)

    def at(self, moment: datetime, act: Act) -> None:
        """Note what is to be done when."""
        self.acts.append((moment, len(self.acts), act))

    def key(self) -> str:
        """The idempotency key of the next record."""
        self.number += 1
        return f"demo:{self.year}:{self.number}"

    def someone(self) -> Member:
        """One of those who record."""
        return self.chance.choice(self.library.street.list_members("staff", "supervisor"))


def make_year(
    open_unit: UnitOfWorkFactory, library: Library, year: int, sizes: Sizes, advance: Callable[[int, int], None]
) -> None:
    """Do the whole year. Args: advance: called with the acts done, and how many there are."""
    plan = Year(library, year, sizes, random.Random(f"falin {year}"))
    _join(open_unit, library, datetime(year, 1, 1, tzinfo=BEIJING))
    for part in (_registrations, _enterprises, _questions, _cases, _mediations, _records, _education, _mistakes):
        part(plan)
    plan.acts.sort(key=lambda act: act[:2])
    for first in range(0, len(plan.acts), BATCH):
        batch = plan.acts[first : first + BATCH]
        with open_unit() as uow:
            for moment, _, act in batch:
                act(Work(uow, library, moment))
            uow.commit()
        run_due(open_unit, library, batch[-1][0])
        advance(first + len(batch), len(plan.acts))
    # What was still to come in the new year is done before anybody real looks at it.
    for days in (10, 20, 31, 45, 70):
        while run_due(open_unit, library, datetime(year + 1, 1, 1, tzinfo=BEIJING) + timedelta(days=days)):
            pass
    with open_unit() as uow:
        for member in library.street.members:
            uow.members.remove_account(member.id)  # so that real people can be invited
        uow.commit()


def _join(open_unit: UnitOfWorkFactory, library: Library, now: datetime) -> None:
    """Those who serve get an account in the web chat, so that cases have somebody to go to."""
    with open_unit() as uow:
        for member in library.street.members:
            if not uow.members.find_account(member.id):
                client = uow.clients.find_or_add("webchat", f"demo-member-{member.id}", now)
                uow.members.add_account(member.id, client.id, now)
        uow.commit()


def require_empty(open_unit: UnitOfWorkFactory) -> None:
    """Raises FalinError when somebody real may already be in the database."""
    with open_unit(read_only=True) as uow:
        if not uow.ledger.is_empty():
            raise FalinError(
                "there are entries in this ledger, and invented ones must not stand beside them",
                "name an empty folder, such as: FALIN_HOME=demo falin init --demo --yes; FALIN_HOME=demo falin demo year",
            )


def _turn(plan: Year, work: Work, number: int) -> Turn:
    return Turn(work.uow, work.library, work.now, work.uow.clients.get(plan.clients[number]))


def _registrations(plan: Year) -> None:
    for community, count in zip(plan.library.street.communities, plan.sizes.registered, strict=False):
        for _ in range(count):
            number = len(plan.homes)
            plan.homes.append(community.id)
            # The first hundred are there from the beginning: they are those who ask.
            moment = plan.moment(3, 9) if number % 40 == 0 else plan.moment(3, 360)
            plan.at(moment, lambda work, n=number: _register(plan, work, n))  # type: ignore[misc]
    moved = [n for n in range(0, len(plan.homes), 40)][-1]
    plan.at(plan.moment(200, 300), lambda work: _move(plan, work, moved))


def _register(plan: Year, work: Work, number: int) -> None:
    channel = "telegram" if number % 5 < 2 and number % 40 else "webchat"
    client = work.uow.clients.find_or_add(channel, f"demo-{plan.year}-{number}", work.now)
    plan.clients[number] = client.id
    register_client(Turn(work.uow, work.library, work.now, client), plan.homes[number], "resident")


def _move(plan: Year, work: Work, number: int) -> None:
    """Somebody moves to another community: still one registered user."""
    if number in plan.clients:
        register_client(_turn(plan, work, number), plan.library.street.communities[0].id, "resident")


def _askers(plan: Year, count: int, skip: int) -> Iterator[int]:
    """Numbers of those who are registered early, another each time."""
    early = list(range(0, len(plan.homes), 40))
    random.Random(1).shuffle(early)  # the same order each time, all communities mixed
    return (early[(skip + place) % len(early)] for place in range(count))


def _questions(plan: Year) -> None:
    sizes, entries = plan.sizes, [e for e in plan.library.entries if e.split(".")[0] in COMMON]
    for place, number in enumerate(_askers(plan, sizes.answered + sizes.referred + sizes.urgent, 0)):
        entry, slot = plan.chance.choice(entries), plan.moment(12, 362)
        act = _answer if place < sizes.answered else _refer if place < sizes.answered + sizes.referred else _warn
        plan.at(slot, lambda work, n=number, e=entry, do=act: do(plan, work, n, e))  # type: ignore[misc]


def _answer(plan: Year, work: Work, number: int, entry: str) -> None:
    answer_entry(_turn(plan, work, number), entry)


def _refer(plan: Year, work: Work, number: int, entry: str) -> None:
    refer_question(_turn(plan, work, number), Understanding("refer", "faq", entry.split(".")[0], 0.3))


def _warn(plan: Year, work: Work, number: int, entry: str) -> None:
    guide_emergency(_turn(plan, work, number), Understanding("crisis", "crisis", entry.split(".")[0], crisis="fraud"))


def _cases(plan: Year) -> None:
    for place, number in enumerate(_askers(plan, plan.sizes.cases, 130)):
        matter = plan.chance.choice(COMMON)
        found: dict[str, int] = {}
        opened = plan.moment(12, 350)
        # One in fifteen is answered too late.
        waits = timedelta(hours=30) if place % 15 == 7 else timedelta(minutes=plan.chance.randrange(4, 28))
        rating = plan.chance.choices((5, 4, 3, 2), (70, 20, 7, 3))[0] if place % 4 else 0
        plan.at(opened, lambda work, n=number, m=matter, f=found: _open(plan, work, n, m, f))  # type: ignore[misc]
        plan.at(opened + waits, lambda work, f=found: _talk(work, f))  # type: ignore[misc]
        end = opened + waits + timedelta(minutes=40)
        plan.at(end, lambda work, f=found, r=rating: _close(plan, work, f, r))  # type: ignore[misc]


def _open(plan: Year, work: Work, number: int, matter: str, found: dict[str, int]) -> None:
    case, _ = open_case(_turn(plan, work, number), "（演示数据）想请顾问看看该怎么办", matter)
    found["case"] = case.id


def _talk(work: Work, found: dict[str, int]) -> None:
    case = work.uow.cases.get(found["case"])
    adviser = case.adviser_id or work.library.street.list_members("supervisor")[0].id
    accept_case(work, case.id, adviser)
    say_to_client(work, case.id, adviser, "（演示数据）材料先留好，下一步按这个顺序办。")


def _close(plan: Year, work: Work, found: dict[str, int], rating: int) -> None:
    case = work.uow.cases.get(found["case"])
    outcome = plan.chance.choices(("advised", "settled", "document_done", "to_court"), (60, 15, 15, 10))[0]
    close_case(work, case.id, str(case.adviser_id), outcome)
    if rating and case.client_id:
        rate_case(work, case.id, case.client_id, rating)


def _mediations(plan: Year) -> None:
    sizes, chance = plan.sizes, plan.chance
    parties = [2] * sizes.agreed
    for extra in range(sizes.parties - 2 * sizes.agreed):
        parties[extra % sizes.agreed] += 1
    chance.shuffle(parties)
    amounts = _split(chance, sizes.amount // 100, sizes.agreed)
    for place in range(sizes.agreed + sizes.failed):
        agreed = place < sizes.agreed
        result = Result(
            agreed, parties[place] if agreed else 2, amount=amounts[place] * 100 if agreed else 0,
            terms=Terms("（演示数据）双方互谅互让", "按约定的日子付清"),
        )  # fmt: skip
        community = chance.choice(plan.library.street.communities).id
        source = chance.choices(("walk_in", "police", "court", "adviser"), (60, 25, 8, 7))[0]
        kind = chance.choices(("neighbours", "family", "labour", "property_management", "consumer", "contract", "damages"),
                              (30, 15, 15, 15, 10, 10, 5))[0]  # fmt: skip
        form = Referral(
            source, community, kind,
            Content(applicant=Person("演示甲", ""), respondent=Person("演示乙", ""), facts="（演示数据）"), consented=True,
        )  # fmt: skip
        plan.at(plan.moment(5, 355), lambda work, f=form, r=result: _mediate(work, f, r))  # type: ignore[misc]


def _split(chance: random.Random, total: int, parts: int) -> list[int]:
    """So many whole numbers that add up to the total, unequal as sums of money are."""
    weights = [chance.paretovariate(1.4) for _ in range(parts)]
    found = [int(total * weight / sum(weights)) for weight in weights]
    found[0] += total - sum(found)
    return found


def _mediate(work: Work, form: Referral, result: Result) -> None:
    staff = work.library.street.list_members("staff", "supervisor")[0].id
    mediation = refer_dispute(work, staff, form)
    accept_mediation(work, staff, mediation.id)
    record_result(work, staff, mediation.id, result)


def _enterprises(plan: Year) -> None:
    for number in range(plan.sizes.enterprises):
        community = plan.library.street.communities[number % len(plan.library.street.communities)].id
        form = EnterpriseForm(f"演示{plan.year % 100}{number + 1:03}号小微企业", community, choices=("contract_review",))
        plan.at(plan.moment(2, 40), lambda work, f=form: _enrol(plan, work, f))  # type: ignore[misc]


def _enrol(plan: Year, work: Work, form: EnterpriseForm) -> None:
    made = register_enterprise(work, plan.someone(), form)
    plan.enterprises.append((made.pseudonym, made.community))


def _record(plan: Year, moment: datetime, record: Record, *, of_enterprise: bool = False) -> None:
    key, day = plan.key(), moment.astimezone(BEIJING).date()

    def act(work: Work) -> None:
        whose = plan.chance.choice(plan.enterprises) if of_enterprise and plan.enterprises else ("", record.community)
        found = Record(**{**record.__dict__, "day": day, "enterprise": whose[0], "community": whose[1] or record.community})
        if whose[0]:  # an enterprise is looked after by its own adviser
            community = work.library.street.find_community(whose[1])
            found = replace(found, server=community.adviser if community else "")
        record_service(work, plan.someone(), found, key)

    plan.at(moment, act)


def _records(plan: Year) -> None:
    sizes, chance = plan.sizes, plan.chance
    plain = (("walk_in_consultation", sizes.walk_ins), ("phone_consultation", sizes.calls), ("legal_aid", sizes.aid),
             ("notary", sizes.notary), ("legal_opinion", sizes.opinions), ("document", sizes.papers))  # fmt: skip
    for kind, count in plain:
        for _ in range(count):
            _record(plan, plan.moment(), _draft(plan, kind, matter=chance.choice(COMMON)))
    left = sizes.reviews
    while left:
        count = min(left, chance.choice((1, 1, 2, 3)))
        _record(plan, plan.moment(45, 364), _draft(plan, "contract_review", matter="contracts", count=count), of_enterprise=True)
        left -= count
    for _ in range(sizes.visits):
        _record(plan, plan.moment(45, 364), _draft(plan, "visit", matter="small_business"), of_enterprise=True)
    for _ in range(sizes.meetings):
        _record(plan, plan.moment(45, 364), _draft(plan, "meeting", people=chance.randrange(8, 40)))
    for _ in range(sizes.duty_days):
        _record(plan, plan.moment(), _draft(plan, "duty_day"))


def _draft(plan: Year, kind: str, **values: object) -> Record:
    community = plan.chance.choice(plan.library.street.communities)
    fields = {"kind": kind, "day": date(plan.year, 1, 1), "community": community.id, "server": community.adviser, **values}
    return Record(**fields)  # type: ignore[arg-type]


def _education(plan: Year) -> None:
    sizes, chance = plan.sizes, plan.chance
    for number, leaflets in enumerate(_split(chance, sizes.leaflets, sizes.events)):
        audience = chance.choice(("residents", "students", "elderly", "women", "workers"))
        title = f"演示普法活动{number + 1}"
        people = chance.randrange(30, 300)
        _record(plan, plan.moment(), _draft(plan, "law_education", people=people, leaflets=leaflets, audience=audience, title=title))
    for kind, count in (("video", sizes.videos), ("post", sizes.posts)):
        for number in range(count):
            _record(plan, plan.moment(), _draft(plan, kind, title=f"演示{number + 1}"))
    first = max(1, sizes.literate // 2)
    for people in (first, sizes.literate - first):
        if people:
            _record(plan, plan.moment(), _draft(plan, "training", people=people, audience="law_literate"))
    _record(plan, plan.moment(), _draft(plan, "training", people=12, audience="mediators"))


def _mistakes(plan: Year) -> None:
    """An entry made twice and taken back; one corrected, and the correction corrected; people who were forgotten."""
    twice, wrong = _draft(plan, "phone_consultation"), _draft(plan, "video", title="演示更正")
    keys = [plan.key() for _ in range(5)]
    day = plan.moment(330, 340)
    here = day.astimezone(BEIJING).date()

    def make(work: Work) -> None:
        member = plan.someone()
        for record, key in ((twice, keys[0]), (wrong, keys[1])):
            record_service(work, member, Record(**{**record.__dict__, "day": here}), key)

    def correct(work: Work) -> None:
        member, ledger = plan.someone(), work.uow.ledger
        for key, old, record, reason in (
            (keys[2], keys[0], None, "（演示数据）重复登记"),
            (keys[3], keys[1], Record(**{**wrong.__dict__, "day": here, "count": 2}), "（演示数据）数量写错"),
            (keys[4], keys[3], None, "（演示数据）这部没有发布"),
        ):
            entry = ledger.find_by_key(old)
            assert entry
            correct_entry(work, member, entry.id, record, reason, key)

    plan.at(day, make)
    plan.at(day + timedelta(hours=1), correct)
    for number in list(range(1, len(plan.homes), 40))[: plan.sizes.forgotten]:
        plan.at(plan.moment(362, 363), lambda work, n=number: _forget(plan, work, n))  # type: ignore[misc]


def _forget(plan: Year, work: Work, number: int) -> None:
    if number in plan.clients:
        forget_client(_turn(plan, work, number))


COMMON = ("labour", "marriage", "lending", "tenancy", "neighbours", "consumer", "property_management", "inheritance", "traffic")
