"""What a hot store can do; losing it costs speed and nothing else."""

from collections.abc import Mapping
from typing import Protocol


class Store(Protocol):
    """Keeps copies of documents, each at the revision it was read at."""

    def bar(self, revisions: Mapping[str, int]) -> None:
        """
        Let no copy older than the given revision of each document be kept or given.

        Called inside the transaction that raised the revision, and once more after it.
        """
        ...
