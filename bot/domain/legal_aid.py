"""The legal-aid pre-check: what a few answers mean under the Legal Aid Law. It informs; the centre decides (43).

Every sentence and every citation stands in nlu_data/legal_aid.yml; here is only which of them applies.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

SIDES = ("civil", "accused", "victim")
# What the person does not know. Every question allows it, and it never speaks against an applicant.
UNKNOWN = "unknown"
NONE = "none"
RESULTS = ("likely", "unknown", "unlikely")
MEANS = ("required", "none", "either")
VERDICTS = ("met", "open", "unmet")
# Reasons, places and papers that the code below names; the file must have them all.
REASONS = (
    "matter_unknown", "own_lawyer", "lawyer_unknown", "guardian", "relative", "applicant_open", "exempt_unknown",
    "exempt_for_other_matters", "standard_unknown", "income_unknown", "income_below", "income_near", "income_above",
)  # fmt: skip
PLACES = ("general", "detained")
PAPERS = ("identity", "agent", "exemption", "statement", "case")


@dataclass(frozen=True)
class Note:
    """A sentence and the articles it rests on, as they are shown: 《法律援助法》第三十一条."""

    says: str
    basis: tuple[str, ...] = ()


@dataclass(frozen=True)
class Choice:
    """An answer to one of the questions. Args: id: stands in buttons and in the database.  title: on the button."""

    id: str
    title: str
    note: Note


@dataclass(frozen=True)
class AidMatter(Choice):
    """What the applicant needs help with.

    Args:
        side: one of SIDES.  legal_matter: id of matters.yml, for the ledger.
        listed: the law names it; False: only local rules could.
        means: "required": for those in hardship; "none": for anybody; "either": hardship or another reason (24).
        relatives: near relatives may apply as well.  evidence: the papers of such a case.
        place: id of a place of its own, "" for the general rule.
    """

    side: str
    legal_matter: str
    listed: bool
    means: str
    relatives: bool
    evidence: str
    place: str = ""


@dataclass(frozen=True)
class Exemption(Choice):
    """Somebody whose hardship is not checked (42). Args: only: for these matters; empty: for all."""

    only: tuple[str, ...] = ()


@dataclass(frozen=True)
class Urgency(Choice):
    """Why it cannot wait (44, 39). Args: sides: who is asked about it."""

    sides: tuple[str, ...] = SIDES


@dataclass(frozen=True)
class Income:
    """A range of income, yuan a month for each person of the household. Args: below: None for the highest range."""

    id: str
    title: str
    above: int
    below: int | None


@dataclass(frozen=True)
class Standard:
    """The local hardship standard (34). Args: yuan: a month for each person; None: not known here, ask the centre."""

    yuan: int | None
    source: str
    as_of: str


@dataclass(frozen=True)
class Paper:
    """A paper of the application. Args: photo: False for what falin writes itself."""

    id: str
    title: str
    note: Note
    photo: bool = True


@dataclass(frozen=True)
class AidRules:
    """nlu_data/legal_aid.yml. Args: labels: headings of the file that is handed over."""

    matters: Mapping[str, AidMatter]
    exemptions: Mapping[str, Exemption]
    urgencies: Mapping[str, Urgency]
    incomes: Mapping[str, Income]
    papers: Mapping[str, Paper]
    places: Mapping[str, Note]
    reasons: Mapping[str, Note]
    standard: Standard
    labels: Mapping[str, str] = field(default_factory=dict)

    def list_matters(self, side: str) -> list[AidMatter]:
        """Those of one side, in the order of the file: the usual ones first."""
        return [matter for matter in self.matters.values() if matter.side == side]


NO_AID_RULES = AidRules({}, {}, {}, {}, {}, {}, {}, Standard(None, "", ""))


@dataclass(frozen=True)
class AidAnswers:
    """What an applicant said. Every field may be UNKNOWN.

    Args:
        side: one of SIDES.  matter, exempt, income, urgent: ids of AidRules; exempt and urgent may be NONE.
        applicant: "self", "guardian" (of a child or somebody who cannot act) or "relative".
        lawyer: "yes" when the person has a lawyer of their own, else "no".
    """

    side: str = UNKNOWN
    matter: str = UNKNOWN
    applicant: str = UNKNOWN
    lawyer: str = UNKNOWN
    exempt: str = UNKNOWN
    income: str = UNKNOWN
    urgent: str = UNKNOWN


@dataclass(frozen=True)
class Reason:
    """Why. Args: verdict: one of VERDICTS: speaks for it, cannot be told here, or speaks against it."""

    verdict: str
    note: Note


@dataclass(frozen=True)
class Precheck:
    """What the answers mean. Args: result: one of RESULTS.  urgent: why it cannot wait; None if it can."""

    result: str
    reasons: tuple[Reason, ...]
    papers: tuple[Paper, ...]
    where: tuple[Note, ...]
    urgent: Note | None


def precheck(answers: AidAnswers, rules: AidRules) -> Precheck:
    """One reason against it makes it unlikely, one open question makes it unknown."""
    reasons = tuple(_reasons(answers, rules))
    verdicts = {reason.verdict for reason in reasons}
    result = "unlikely" if "unmet" in verdicts else "unknown" if "open" in verdicts else "likely"
    urgency = rules.urgencies.get(answers.urgent)
    matter = rules.matters.get(answers.matter)
    places = ("detained" if answers.urgent == "detained" else (matter.place if matter else "") or "general",)
    return Precheck(
        result,
        reasons,
        tuple(_papers(answers, rules)),
        tuple(rules.places[place] for place in places),
        urgency.note if urgency else None,
    )


def asks_means(answers: AidAnswers, rules: AidRules) -> bool:
    """Whether hardship matters at all: not in the cases of articles 25 and 32."""
    matter = rules.matters.get(answers.matter)
    return matter is None or matter.means != "none"


def find_exemption(answers: AidAnswers, rules: AidRules) -> Exemption | None:
    """The group whose hardship is not checked, if it counts for this matter."""
    exemption = rules.exemptions.get(answers.exempt)
    if exemption and exemption.only and answers.matter not in exemption.only:
        return None
    return exemption


def _reasons(answers: AidAnswers, rules: AidRules) -> list[Reason]:
    matter = rules.matters.get(answers.matter)
    found = [
        Reason("met" if matter.listed else "open", matter.note)
        if matter and matter.side == answers.side
        else Reason("open", rules.reasons["matter_unknown"])
    ]
    if answers.lawyer == "yes":
        found.append(Reason("unmet", rules.reasons["own_lawyer"]))
    elif answers.lawyer != "no":
        found.append(Reason("open", rules.reasons["lawyer_unknown"]))
    if answers.applicant != "self":
        found.append(_applicant_reason(answers, rules))
    if asks_means(answers, rules):
        found += _means_reasons(answers, rules)
    return found


def _applicant_reason(answers: AidAnswers, rules: AidRules) -> Reason:
    """Who may apply for somebody else (24, 29, 33, 40)."""
    matter = rules.matters.get(answers.matter)
    if answers.applicant == "guardian":
        return Reason("met", rules.reasons["guardian"])
    if answers.applicant == "relative" and (answers.urgent == "detained" or (matter and matter.relatives)):
        return Reason("met", rules.reasons["relative"])
    return Reason("open", rules.reasons["applicant_open"])


def _means_reasons(answers: AidAnswers, rules: AidRules) -> list[Reason]:
    exemption = find_exemption(answers, rules)
    if exemption:
        return [Reason("met", exemption.note)]
    found = []
    if answers.exempt in rules.exemptions:
        found.append(Reason("open", rules.reasons["exempt_for_other_matters"]))
    elif answers.exempt != NONE:
        found.append(Reason("open", rules.reasons["exempt_unknown"]))
    return [*found, _income_reason(answers, rules)]


def _income_reason(answers: AidAnswers, rules: AidRules) -> Reason:
    standard, income = rules.standard.yuan, rules.incomes.get(answers.income)
    if standard is None:
        return Reason("open", rules.reasons["standard_unknown"])
    if income is None:
        return Reason("open", rules.reasons["income_unknown"])
    if income.below is not None and income.below <= standard:
        return Reason("met", rules.reasons["income_below"])
    if income.above < standard:
        return Reason("open", rules.reasons["income_near"])
    matter = rules.matters.get(answers.matter)
    # An accused may have "other reasons" for being without a lawyer (24): income alone decides nothing there.
    certain = matter is not None and matter.means == "required" and answers.exempt == NONE
    return Reason("unmet" if certain else "open", rules.reasons["income_above"])


def _papers(answers: AidAnswers, rules: AidRules) -> list[Paper]:
    wanted = ["identity"]
    if answers.applicant != "self":
        wanted.append("agent")
    if asks_means(answers, rules):
        wanted.append("exemption" if find_exemption(answers, rules) else "statement")
    found = [rules.papers[name] for name in wanted]
    case, matter = rules.papers["case"], rules.matters.get(answers.matter)
    says = matter.evidence if matter else case.note.says
    return [*found, Paper(case.id, case.title, Note(says, case.note.basis))]
