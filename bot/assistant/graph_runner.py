"""Runs Rasa's graph node after node. Dask, Rasa's own runner, plans anew for every message."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from graphlib import TopologicalSorter
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphNode, GraphNodeHook, GraphSchema
from rasa.engine.runner.interface import GraphRunner
from rasa.engine.storage.storage import ModelStorage


class SequentialGraphRunner(GraphRunner):
    """See rasa.engine.runner.interface.GraphRunner."""

    def __init__(self, schema: GraphSchema, nodes: dict[str, GraphNode]) -> None:
        self._schema, self._nodes = schema, nodes
        self._plan = lru_cache(maxsize=None)(self._make_plan)

    @classmethod
    def create(
        cls,
        graph_schema: GraphSchema,
        model_storage: ModelStorage,
        execution_context: ExecutionContext,
        hooks: list[GraphNodeHook] | None = None,
    ) -> SequentialGraphRunner:
        """Load all components of the model."""
        nodes = {
            name: GraphNode.from_schema_node(name, node, model_storage, execution_context, hooks)
            for name, node in graph_schema.nodes.items()
        }
        return cls(graph_schema, nodes)

    def run(self, inputs: dict[str, Any] | None = None, targets: list[str] | None = None) -> dict[str, Any]:
        """Outputs of the targets, given the placeholders' values."""
        wanted = tuple(targets or self._schema.target_names)
        results = {name: (name, value) for name, value in (inputs or {}).items()}
        for name in self._plan(wanted):
            needs = self._schema.nodes[name].needs.values()
            results[name] = self._nodes[name](*(results[need] for need in needs))
        return {name: results[name][1] for name in wanted}

    def _make_plan(self, targets: Sequence[str]) -> list[str]:
        """The nodes that the targets need, each after those it needs."""
        nodes = self._schema.minimal_graph_schema(list(targets)).nodes
        order = TopologicalSorter({name: set(node.needs.values()) for name, node in nodes.items()}).static_order()
        return [name for name in order if name in nodes]  # the rest are placeholders
