"""Filters that lists of several resources share."""

import uuid
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.dateparse import parse_date, parse_datetime
from django_filters import BooleanFilter, CharFilter, ChoiceFilter


class YesNo(BooleanFilter):
    """`true` or `false`; anything else is a bad value, not "either"."""

    class field_class(forms.CharField):
        def clean(self, value: Any) -> bool | None:
            text = (value or "").strip().lower()
            if text not in {"", "true", "false"}:
                raise forms.ValidationError("true or false.")
            return {"true": True, "false": False}.get(text)


class OneOf(ChoiceFilter):
    """One of the codes of an enumeration; whoever misses is told what there is."""

    def __init__(self, *, choices: list[tuple[str, Any]], **kwargs: Any) -> None:
        told = {"invalid_choice": f"One of {', '.join(code for code, _ in choices)}."}
        super().__init__(choices=choices, error_messages=told, **kwargs)


class IdFilter(CharFilter):
    """Rows that hang on an id; what is no id of anything finds nothing."""

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        if not value:
            return qs
        try:
            return qs.filter(**{self.field_name: uuid.UUID(value)})
        except ValueError:
            return qs.none()


class Instant(CharFilter):
    """
    A date or an instant; a bare date covers the whole day.

    So the lower bound is its first instant, and the upper bound the first instant after it.
    """

    class field_class(forms.CharField):
        def clean(self, value: Any) -> tuple[datetime, bool] | None:
            text = (value or "").strip()
            if not text:
                return None
            try:
                day = parse_date(text) if len(text) == len("2026-01-31") else None
                moment = None if day else parse_datetime(text.replace(" ", "+"))
                if moment is not None:
                    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
                    return moment.astimezone(UTC), False
                if day is not None:
                    return datetime.combine(day, time.min, UTC), day != date.max
            except (ValueError, OverflowError):
                pass
            raise forms.ValidationError("A date or an instant in ISO 8601.")

    def __init__(self, *args: Any, end: bool = False, **kwargs: Any) -> None:
        self.end = end
        super().__init__(*args, **kwargs)

    def filter(self, qs: QuerySet[Any], value: tuple[datetime, bool] | None) -> QuerySet[Any]:
        if value is None:
            return qs
        moment, whole_day = value
        if not self.end:
            return qs.filter(**{f"{self.field_name}__gte": moment})
        if whole_day:
            return qs.filter(**{f"{self.field_name}__lt": moment + timedelta(days=1)})
        return qs.filter(**{f"{self.field_name}__lte": moment})
