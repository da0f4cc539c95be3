"""The hot store of an installation without Redis: nothing is kept, so nothing can be stale."""

from collections.abc import Mapping, Sequence

from licenses.hot.limits import Count, Limit, Memory
from licenses.hot.protocol import Document, Question, Reply


class AbsentStore:
    """Keeps nothing and counts in this process."""

    def __init__(self) -> None:
        self.memory = Memory()

    def ask(self, question: Question) -> Reply:
        """Spend the token's limit; the licence's is spent by who finds the licence."""
        reply = Reply(blocked_for=self.memory.blocked_for(question.address, now=question.now))
        if question.kind == "t" and question.token:
            caller = f"t:{question.digest.hex()}"
            reply.counts.append(self.memory.hit(caller, question.token, now=question.now))
        return reply

    def hit(self, caller: str, limit: Limit, *, now: float) -> Count:
        """Count one call in this process."""
        return self.memory.hit(caller, limit, now=now)

    def fail(self, address: str, limit: Limit, *, now: float) -> None:
        """Charge an address in this process."""
        self.memory.fail(address, limit, now=now)

    def put(self, documents: Sequence[Document], *, boot: bytes) -> None:
        """Do nothing."""

    def bar(self, revisions: Mapping[str, int]) -> None:
        """Do nothing, since no copy was kept."""

    def keep_beat(self, beat: bytes) -> bool:
        """Return False: there is nowhere to keep it."""
        return False

    def next_batch(self, new_id: str) -> tuple[str, list[bytes]] | None:
        """Return None: no heartbeat waits here."""
        return None

    def drop_batch(self, batch_id: str) -> None:
        """Do nothing."""

    def clear(self) -> None:
        """Forget this process's counters."""
        self.memory.clear()

    def close(self) -> None:
        """Do nothing."""
