"""Rows that the tests of one file share: made once, and for each test as they were made."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from pytest_django import DjangoDbBlocker


@contextmanager
def kept(blocker: DjangoDbBlocker) -> Iterator[None]:
    """
    Keep what is written in here until a fixture of a wider scope ends, and then roll it back.

    Each test is rolled back to it, as always. Objects are as the last test left them: hand out
    copies. Not for a file in which a test commits (`transaction=True`).
    """
    with blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)
