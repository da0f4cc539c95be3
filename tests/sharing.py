"""How several processes share the suite: each engine is given all of it, its workers share it."""

from collections import Counter
from collections.abc import Iterable, Sequence

import pytest
from xdist.remote import Producer
from xdist.scheduler import WorkStealingScheduling
from xdist.workermanage import WorkerController, parse_tx_spec_config


def engine_named(specification: str) -> str:
    """Give the engine in `2*popen//env:ENGINE=sqlite`, or nothing."""
    return specification.partition("//env:ENGINE=")[2]


class EachEngine:
    """xdist's `--dist=each`, but each engine is asked once, however many workers it has."""

    def __init__(self, config: pytest.Config, log: Producer) -> None:
        self._engines: dict[str, WorkStealingScheduling] = {}
        for engine, workers in Counter(map(engine_named, parse_tx_spec_config(config))).items():
            self._engines[engine] = WorkStealingScheduling(config, log)
            self._engines[engine].numnodes = workers

    def _all(self) -> Iterable[WorkStealingScheduling]:
        return self._engines.values()

    def _of(self, node: WorkerController) -> WorkStealingScheduling:
        return self._engines[node.gateway.spec.env["ENGINE"]]

    @property
    def nodes(self) -> list[WorkerController]:
        return [node for engine in self._all() for node in engine.nodes]

    @property
    def collection_is_completed(self) -> bool:
        return all(engine.collection_is_completed for engine in self._all())

    @property
    def tests_finished(self) -> bool:
        return all(engine.tests_finished for engine in self._all())

    @property
    def has_pending(self) -> bool:
        return any(engine.has_pending for engine in self._all())

    def schedule(self) -> None:
        for engine in self._all():
            engine.schedule()

    def add_node(self, node: WorkerController) -> None:
        self._of(node).add_node(node)

    def add_node_collection(self, node: WorkerController, collection: Sequence[str]) -> None:
        self._of(node).add_node_collection(node, collection)

    def mark_test_complete(
        self, node: WorkerController, item_index: int, duration: float = 0
    ) -> None:
        self._of(node).mark_test_complete(node, item_index, duration)

    def mark_test_pending(self, item: str) -> None:
        raise NotImplementedError("a test that crashed its worker has failed")

    def remove_pending_tests_from_node(
        self, node: WorkerController, indices: Sequence[int]
    ) -> None:
        self._of(node).remove_pending_tests_from_node(node, indices)

    def remove_node(self, node: WorkerController) -> str | None:
        return self._of(node).remove_node(node)
