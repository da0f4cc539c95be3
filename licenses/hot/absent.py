"""The hot store of an installation without Redis: nothing is kept, so nothing can be stale."""

from collections.abc import Mapping


class AbsentStore:
    """Keeps nothing."""

    def bar(self, revisions: Mapping[str, int]) -> None:
        """Do nothing, since no copy was kept."""
