"""What a hot store can do; losing it costs speed and nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from licenses.hot.limits import Count, Limit


@dataclass(frozen=True, slots=True)
class Question:
    """A device call as the store sees it: whose credential, from where, and within which limits."""

    # "t" for a token, "k" for a key; and the digest of it.
    kind: str
    digest: bytes
    address: str
    now: float
    token: Limit | None
    license: Limit | None
    fingerprint: bytes = b""
    # The mark of the version that the caller runs, where it says so.
    version: str = ""
    # A heartbeat without whose it is, to be kept if the store knows that.
    beat: bytes = b""


@dataclass(slots=True)
class Reply:
    """What the store knows of a question; documents only where both were kept."""

    license: bytes | None = None
    device: bytes | None = None
    # The version that the caller runs, where the licence's maintenance decides on it.
    release: bytes | None = None
    # How long the address is not listened to, after too many failures.
    blocked_for: float = 0.0
    counts: list[Count] = field(default_factory=list)
    beat_kept: bool = False
    # Changes when the store was emptied: a copy asked for before that is not kept after it.
    boot: bytes = b""


@dataclass(frozen=True, slots=True)
class Document:
    """A copy of a row at one revision, and what it is found by."""

    name: str
    revision: int
    body: bytes
    # How many seats a licence's limit counts: -1 where they never fill.
    seats: int = 0
    found_by: tuple[tuple[str, str], ...] = ()


class Store(Protocol):
    """Keeps copies of documents, each at the revision it was read at, and counts calls."""

    def ask(self, question: Question) -> Reply:
        """Spend the caller's limits, find the documents, keep the heartbeat: all in one trip."""
        ...

    def hit(self, caller: str, limit: Limit, *, now: float) -> Count:
        """Count one call of any caller."""
        ...

    def fail(self, address: str, limit: Limit, *, now: float) -> None:
        """Charge an address with an unknown key or token."""
        ...

    def put(self, documents: Sequence[Document], *, boot: bytes) -> None:
        """Keep copies, unless a newer one or a bar stands there or the store was emptied."""
        ...

    def bar(self, revisions: Mapping[str, int]) -> None:
        """
        Let no copy older than the given revision of each document be kept or given.

        Called inside the transaction that raised the revision, and once more after it.
        """
        ...

    def keep_beat(self, beat: bytes) -> bool:
        """Keep a heartbeat until the next flush; False where it must be written at once."""
        ...

    def next_batch(self, new_id: str) -> tuple[str, list[bytes]] | None:
        """Return the oldest batch of kept heartbeats, cut anew if none waits; None at the end."""
        ...

    def drop_batch(self, batch_id: str) -> None:
        """Forget a batch that was written."""
        ...

    def clear(self) -> None:
        """Forget everything but kept heartbeats."""
        ...

    def close(self) -> None:
        """Give back what this thread holds open."""
        ...
