"""What is recorded by hand: a service that happened outside falin."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from bot.domain.ledger import AUDIENCES, CHANNELS, KINDS, OUTCOMES, SUBJECTS

MOST_PEOPLE, MOST_COUNT, MOST_LEAFLETS, LONGEST_TITLE = 100_000, 100_000, 1_000_000, 80
# Where a kind usually happens.
USUAL_CHANNELS = {
    "walk_in_consultation": "walk_in", "phone_consultation": "phone", "adviser_consultation": "online",
    "visit": "site", "meeting": "site", "law_education": "site", "video": "online", "post": "online",
}  # fmt: skip


@dataclass(frozen=True)
class Record:
    """One service as it was written down. See bot.domain.ledger.Entry for the fields.

    Args:
        day: on which it happened, in China.
        people: None: nobody said how many; a kind that needs to know is refused then, others count one.
        count: of a kind counted in persons, 1 is what nobody said; see `counted`.
        server: member id of whoever served, "" for the office.
        enterprise: pseudonym of the enterprise served, "" for none.
        channel: one of CHANNELS; "" is what is usual for the kind.
        outcome: one of OUTCOMES; "" is what is usual for the kind.
    """

    kind: str
    day: date
    community: str = ""
    matter: str = "other"
    people: int | None = None
    count: int = 1
    amount: int | None = None
    leaflets: int = 0
    audience: str = ""
    title: str = ""
    server: str = ""
    enterprise: str = ""
    subject: str = ""
    channel: str = ""
    outcome: str = ""

    @property
    def counted_people(self) -> int:
        """Persons it counts for."""
        return self.people if self.people is not None else self.count if self._counts_people else 1

    @property
    def counted(self) -> int:
        """How many services it counts for: 登记用户 300人 is three hundred of them."""
        return self.counted_people if self._counts_people else self.count

    @property
    def _counts_people(self) -> bool:
        return self.kind in KINDS and KINDS[self.kind].counts_people

    def list_faults(
        self, today: date, communities: Collection[str], matters: Collection[str], members: Collection[str]
    ) -> list[str]:
        """What is wrong with it: codes, each with a response utter_record_fault_CODE. Empty: it can be recorded."""
        kind = KINDS.get(self.kind)
        if kind is None or not kind.by_hand:
            return ["kind"]
        checks = {
            "day": date(2000, 1, 1) <= self.day <= today,
            "community": self.community in ("", *communities),
            "matter": self.matter in matters,
            "member": self.server in ("", *members),
            "people_missing": self.people is not None or "people" not in kind.needs,
            "people_none": self.people is None or "people" in kind.takes,
            "people": self.people is None or "people" not in kind.takes or 1 <= self.people <= MOST_PEOPLE,
            "people_count": not kind.counts_people or self.people is None or self.count in (1, self.people),
            "count": 1 <= self.count <= MOST_COUNT,
            "amount": self.amount is None or (self.amount >= 0 and "amount" in kind.takes),
            "amount_not_agreed": self.amount is None or self.outcome != "not_agreed",
            "leaflets": self.leaflets == 0 or (0 < self.leaflets <= MOST_LEAFLETS and "leaflets" in kind.takes),
            "audience": self.audience == "" or (self.audience in AUDIENCES and "audience" in kind.takes),
            "title": self.title == "" or (len(self.title) <= LONGEST_TITLE and "title" in kind.takes),
            "enterprise": self.enterprise == "" or "enterprise" in kind.takes,
            "subject": self.subject in ("", *SUBJECTS),
            "channel": self.channel in CHANNELS,
            "outcome": self.outcome == "" or (self.outcome in OUTCOMES and self.outcome != "void"),
        }
        return [code for code, fine in checks.items() if not fine]
