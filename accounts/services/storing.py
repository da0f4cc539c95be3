"""Storing a row that people fill in: what is wrong with it is told by field, never as a fault."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction

from events.refusals import faults, invalid


def store(row: models.Model, **options: Any) -> None:
    """
    Check a row as its model has it and save it; `options` go to `save`.

    :raises VALIDATION_ERROR: an impossible value, or one that must be unique and is taken
    """
    check(row)
    try:
        with transaction.atomic():
            row.save(**options)
    except IntegrityError:
        # Somebody took the value between the look and the write; now it is seen and told.
        check(row)
        raise


def check(row: models.Model) -> None:
    """
    Let a row pass that its model finds no fault with.

    :raises VALIDATION_ERROR: naming the fields
    """
    try:
        row.full_clean()
    except ValidationError as error:
        raise invalid(**faults(error.message_dict)) from None
