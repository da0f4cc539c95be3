"""Telling the hot store that rows have changed."""

from django.db import transaction

from licenses import hot
from licenses.facts import ReleaseFacts
from licenses.models import Activation, License, Release

Row = License | Activation | Release


def forget(*rows: Row) -> None:
    """
    Let no older copy of these rows be served, from before the commit on.

    Barred once inside the transaction, while the row is locked, and once more after it: a
    transaction that outlived its first bar would otherwise leave a copy read in between.
    """
    revisions = {_name(row): row.revision for row in rows}

    def bar() -> None:
        hot.store().bar(revisions)

    bar()
    transaction.on_commit(bar, robust=True)


def _name(row: Row) -> str:
    if isinstance(row, Release):
        return ReleaseFacts(row.product.product_id, row.version).name
    return f"{'l' if isinstance(row, License) else 'a'}:{row.pk}"
