"""Statistical disclosure control: which numbers are left out of a report that is published, because few people stand behind them.

A number of services, cases or people from 1 to N-1 is hidden. What it could be worked out from (a sum, the rest of a line,
a share) is hidden too, until this holds: for each small number there is another ledger, with at least N-1 more in that
place, whose numbers are those that are printed. So none follows from the numbers on the page. Which of two hidden
numbers is the small one can sometimes be guessed by who knows this rule; what it is cannot.

The other ledger is looked for by integer programming, as the attacker's problem of the literature: M. Fischetti and
J. J. Salazar-González, Solving the cell suppression problem on tabular data with linear constraints, Management
Science 47 (2001). What is found is checked in whole numbers before it is trusted.

Not published at all, because they are tied to other numbers by what usually happens rather than by a rule: people by
line (most services are for one person), and steps on the way (most applications for mediation end in one).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import lil_matrix

from bot.domain.errors import FalinError
from bot.domain.figures import DIMENSIONS, Figure
from bot.domain.ledger import KINDS
from bot.reports.case_figures import CASE_FIGURES, FAULTY, references_of
from bot.reports.figures import FIGURES, RATES, narrow
from bot.reports.numbers import Numbers

# What the reader of the draft looks for: given up last.
HEADLINES = ("services.total", "clients.total", "mediation.agreed")
STEPS = frozenset(f.id for f in FIGURES.values() if {KINDS[kind].group for kind in f.selection.kinds} == {"step"})
# What is left of the first without the second is a number that anybody computes: applications that were not granted.
RESTS = (("aid.handed_over", "aid.granted"),)
COUNTED_CASES = tuple(name for name, (_, unit, _) in CASE_FIGURES.items() if unit == "件")


def hidden_figures(numbers: Numbers, columns: Mapping[str, Collection[str]], below: int) -> frozenset[str]:
    """The figures, and cells of tables, that are not to be published.

    Args:
        columns: what the tables say: dimension → figures by it.
        below: N; at least 2; counts from 1 to one less are small.

    Raises:
        FalinError: no way was found to hide them; nothing may be published.
    """
    page = _Page(below)
    _read_entries(page, numbers, columns)
    page.add(int(numbers.value("clients.total") or 0), ("clients.total",))
    _read_cases(page, numbers)
    for whole, part in RESTS:
        page.protect_rest(whole, part)
    page.hide()
    return frozenset(page.hidden | set(_what_follows(numbers, columns, page.hidden, below)) | STEPS)


@dataclass
class _Page:
    """What a reader is told, as sums over unknown numbers: how many entries there are of each sort.

    Args:
        below: N.  unknowns: how many there are.  sums: id of a published number → the unknowns it is the sum of.
        values: id → what it is.  equal: pairs of sums.  hidden: ids that are not told.
    """

    below: int
    unknowns: int = 0
    sums: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    values: dict[str, int] = field(default_factory=Counter)
    equal: list[tuple[list[int], list[int]]] = field(default_factory=list)
    hidden: set[str] = field(default_factory=set)

    def add(self, value: int, ids: Iterable[str]) -> int:
        """An unknown, what it truly is, and the numbers it is part of. Returns its place."""
        for name in ids:
            self.sums[name].append(self.unknowns)
            self.values[name] += value
        self.unknowns += 1
        return self.unknowns - 1

    def protect_rest(self, whole: str, part: str) -> None:
        """What the whole is without the part, which is no number of the page, is not to be worked out either."""
        rest = self.values.get(whole, 0) - self.values.get(part, 0)
        if rest > 0:
            place = self.add(rest, (f"{whole} without {part}",))
            self.hidden.add(f"{whole} without {part}")
            self.equal.append((self.sums[whole], [*self.sums[part], place]))

    def hide(self) -> None:
        """Hide what is small and what would give it away. Raises FalinError."""
        small = [name for name, value in self.values.items() if 0 < value < self.below]
        self.hidden |= set(small)
        unshown = dict.fromkeys(small)
        programme = _Programme(self)
        while unshown:
            name = next(iter(unshown))
            other, given_up = programme.find_other(name)
            self.hidden |= given_up
            # One other ledger speaks for every small number that is larger in it.
            unshown = {n: None for n in unshown if other[n] < self.values[n] + self.below - 1}
            if name in unshown:
                raise FalinError("the small numbers cannot be hidden", "do not publish this report")


class _Programme:
    """The integer programme: another ledger that differs where it must and, where numbers are told, as little as can be."""

    def __init__(self, page: _Page) -> None:
        self.page = page
        self.ids = [name for name, value in page.values.items() if value]
        self.told = np.array([page.values[name] for name in self.ids])
        count, unknowns = len(self.ids), page.unknowns
        shape = (2 * count + len(page.equal), unknowns + 2 * count)
        matrix, lower, upper = lil_matrix(shape), np.zeros(shape[0]), np.full(shape[0], np.inf)
        for row, name in enumerate(self.ids):
            for place in page.sums[name]:
                matrix[row, place] = matrix[count + row, place] = 1
            matrix[row, unknowns + row], matrix[row, unknowns + count + row] = 1, -1
        lower[:count] = upper[:count] = self.told
        lower[count : 2 * count] = 1  # nought is printed, so whatever is hidden is at least one
        upper[2 * count :] = 0
        for row, (left, right) in enumerate(page.equal, 2 * count):
            for place in left:
                matrix[row, place] += 1
            for place in right:
                matrix[row, place] -= 1
        self.matrix, self.lower, self.upper = matrix.tocsr(), lower, upper

    def find_other(self, name: str) -> tuple[dict[str, int], set[str]]:
        """Another ledger in which a small number is larger by N-1, and what has to be hidden for it.

        Returns: the numbers printed from it, by id; the ids whose numbers differ though they were told.

        Raises:
            FalinError: there is none, or none was found.
        """
        page, count = self.page, len(self.ids)
        price = [0 if n in page.hidden else self._price(n) for n in self.ids]
        lower = self.lower.copy()
        lower[count + self.ids.index(name)] = page.values[name] + page.below - 1
        found = milp(
            np.array([0.0] * page.unknowns + price + price),
            integrality=np.ones(self.matrix.shape[1]),
            bounds=Bounds(0, np.inf),
            constraints=LinearConstraint(self.matrix, lower, self.upper),
            options={"time_limit": 60},
        )
        if found.x is None:
            raise FalinError(f"{name} cannot be hidden", "do not publish this report")
        x = np.rint(found.x[: page.unknowns]).astype(int)
        other = {n: int(sum(x[place] for place in page.sums[n])) for n in self.ids}
        fits = all(x[left].sum() == x[right].sum() for left, right in page.equal)
        if not fits or x.min() < 0 or min(other.values()) < 1:
            raise FalinError(f"{name}: the other ledger does not add up", "do not publish this report")
        return other, {n for n in self.ids if n not in page.hidden and other[n] != page.values[n]}

    def _price(self, name: str) -> float:
        """What a number is worth to the reader: sums more than cells, large ones more than small ones."""
        value = 1 + min(self.page.values[name], 1_000) / 10
        return value * (1 if "@" in name else 10_000 if name in HEADLINES else 1_000)


def _personal(figure: Figure) -> bool:
    """Whether people's troubles stand behind it: not events, trainings, visits of firms, videos."""
    selection = figure.selection
    return selection.services or any(KINDS[kind].group == "service" or kind == "registration" for kind in selection.kinds)


def _read_entries(page: _Page, numbers: Numbers, columns: Mapping[str, Collection[str]]) -> None:
    """Entries of the ledger, sorted by which of the figures they are in; which sorts a line has is known to the reader."""
    figures = [figure for figure in FIGURES.values() if figure.measure == "count" and _personal(figure)]
    looked_at = frozenset().union(*(figure.selection.dimensions for figure in figures))
    sorts: Counter[tuple[str, ...]] = Counter()
    for cell in numbers.cube.alike(looked_at):
        if cell.count:
            sorts[tuple(f.id for f in figures if f.selection.fits(cell))] += cell.count
    places = {sort: page.add(value, sort) for sort, value in sorted(sorts.items()) if sort}
    for by, names in columns.items():
        lines: Counter[tuple[tuple[str, ...], str]] = Counter()
        for cell in numbers.cube.alike(looked_at | {by}):
            if cell.count:
                lines[tuple(f.id for f in figures if f.selection.fits(cell)), str(cell[DIMENSIONS.index(by)])] += cell.count
        parts: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for (sort, key), value in sorted(lines.items()):
            if sort:
                parts[sort].append(page.add(value, [narrow(FIGURES[name], **{by: key}).id for name in sort if name in names]))
        page.equal += [(unknowns, [places[sort]]) for sort, unknowns in parts.items()]


def _read_cases(page: _Page, numbers: Numbers) -> None:
    """Cases, sorted by which of the published numbers they are in."""
    sorts: Counter[tuple[str, ...]] = Counter()
    members = {name: frozenset(references_of(numbers.cases, name)) for name in COUNTED_CASES}
    for reference in numbers.cases.opened:
        sorts[tuple(name for name, found in members.items() if reference in found)] += 1
    for sort, value in sorted(sorts.items()):
        page.add(value, sort)


def _what_follows(
    numbers: Numbers, columns: Mapping[str, Collection[str]], hidden: Collection[str], below: int
) -> Iterable[str]:
    """Shares, parties and money that would say something about hidden numbers."""
    for name, (_, _, above, whole, _) in RATES.items():
        if {above, whole} & set(hidden):
            yield name
    counted = {figure.selection: figure.id for figure in FIGURES.values() if figure.measure == "count"}
    for figure in FIGURES.values():
        if figure.measure not in ("people", "amount") or not _personal(figure):
            continue
        twin, value = counted[figure.selection], numbers.value(figure.id) or 0
        if 0 < int(numbers.value(twin) or 0) < below or (figure.measure == "people" and 0 < value < below):
            yield figure.id
        for by, names in columns.items():
            if figure.id in names:
                keys = numbers.by(by, twin)
                # All lines or none: what is left of the sum would say what the hidden ones are.
                if any(narrow(FIGURES[twin], **{by: key}).id in hidden for key in keys):
                    yield from (narrow(figure, **{by: key}).id for key in keys)
    if {"cases.kept", "cases.broken"} & set(hidden):
        yield "cases.kept_rate"
    # The faulty ones are those of two grades together.
    if {"bot.graded", *(f"bot.grade.{grade}" for grade in FAULTY)} & set(hidden):
        yield "bot.error_rate"
    if "cases.answered" in hidden:
        yield from (name for name, (_, unit, _) in CASE_FIGURES.items() if unit == "分钟")
    if "cases.rated" in hidden:
        yield "cases.rating"
