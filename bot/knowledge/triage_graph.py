"""Is the triage graph whole? No lost id, no cycle, nothing out of reach."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.domain.triage import Triage


@dataclass(frozen=True)
class Fault:
    """One thing wrong. Args: where: id of a node or leaf, or the name of a part of the file."""

    where: str
    message: str


def find_fault(triage: Triage) -> Fault | None:
    """The first thing wrong with the graph."""
    return next(_faults(triage), None)


def _faults(triage: Triage) -> Iterator[Fault]:
    for name in set(triage.nodes) & set(triage.leaves):
        yield Fault(name, "is a node and a leaf")
    for matter, start in {**triage.starts, "first": triage.first}.items():
        if start not in triage.nodes:
            yield Fault("starts", f"{matter} begins at “{start}”, which is no node")
    for node in triage.nodes.values():
        for option in node.options:
            if option.to not in triage.nodes and option.to not in triage.leaves:
                yield Fault(node.id, f"leads to “{option.to}”, which does not exist")
            if option.elapsed is not None and option.to not in triage.leaves:
                yield Fault(node.id, "“elapsed” belongs to an option that leads to a leaf")
        if len({option.title for option in node.options}) < len(node.options):
            yield Fault(node.id, "two options have the same title")
    for leaf in triage.leaves.values():
        if leaf.matter and leaf.matter not in triage.starts:
            yield Fault(leaf.id, f"the matter “{leaf.matter}” begins nowhere")
        if lost := set(leaf.routes) - set(triage.routes):
            yield Fault(leaf.id, f"the route “{min(lost)}” does not stand in routes.yml")
    if cycle := find_cycle(triage):
        yield Fault(cycle, "leads back to itself")
        return
    reached = {name for start in {triage.first, *triage.starts.values()} for name in triage.distances(start)}
    for name in (*triage.nodes, *triage.leaves):
        if name not in reached:
            yield Fault(name, "nothing leads to it")
    for leaf in triage.leaves.values():
        if not leaf.matter and len(near := triage.nearest_matters(leaf)) > 1:
            yield Fault(leaf.id, f"{', '.join(near)} are equally near: say which “matter” it is counted as")


def find_cycle(triage: Triage) -> str:
    """The id of a node that leads back to itself; "" when there is none."""
    done: set[str] = set()

    def visit(name: str, path: frozenset[str]) -> str:
        if name in path:
            return name
        if name in done or name not in triage.nodes:
            return ""
        found = next(filter(None, (visit(o.to, path | {name}) for o in triage.nodes[name].options)), "")
        done.add(name)
        return found

    return next(filter(None, (visit(name, frozenset()) for name in triage.nodes)), "")
