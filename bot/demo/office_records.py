"""What the office records by hand: services, visits, law education, and its mistakes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from bot.demo.plan import COMMON, Year, split
from bot.domain.calendar import BEIJING
from bot.domain.records import Record
from bot.services.recording import correct_entry, record_service
from bot.services.turn import Work


def plan_records(plan: Year) -> None:
    """Consultations and papers outside falin, contract reviews, visits, meetings, days on duty."""
    sizes, chance = plan.sizes, plan.chance
    plain = (("walk_in_consultation", sizes.walk_ins), ("phone_consultation", sizes.calls), ("legal_aid", sizes.aid_by_hand),
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


def plan_education(plan: Year) -> None:
    """Events, leaflets, videos, posts, training."""
    sizes, chance = plan.sizes, plan.chance
    for number, leaflets in enumerate(split(chance, sizes.leaflets, sizes.events)):
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


def plan_mistakes(plan: Year) -> None:
    """An entry made twice and taken back; one corrected, and the correction corrected."""
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
    plan.at(plan.later(day, 40, 90), correct)


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


def _draft(plan: Year, kind: str, **values: object) -> Record:
    community = plan.chance.choice(plan.library.street.communities)
    fields = {"kind": kind, "day": date(plan.year, 1, 1), "community": community.id, "server": community.adviser, **values}
    return Record(**fields)  # type: ignore[arg-type]
