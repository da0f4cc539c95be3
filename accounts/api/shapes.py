"""Fields and bases of what the API reads and shows."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from events import moments


class Shown(serializers.Serializer):
    """What is answered: optional fields that are empty are absent, never null."""

    def to_representation(self, instance: Any) -> dict[str, Any]:
        shown = super().to_representation(instance)
        return {
            name: value
            for name, value in shown.items()
            if value is not None and (self.fields[name].required or value not in ("", {}))
        }


class Moment(serializers.DateTimeField):
    """An instant; a bare date means the end of that day in UTC when it is an end."""

    def __init__(self, *, ends_day: bool = False, **kwargs: Any) -> None:
        self.ends_day = ends_day
        super().__init__(**kwargs)

    def to_internal_value(self, value: Any) -> datetime:
        day = _bare_date(value)
        if day is not None:
            moment = datetime.combine(day, time.min, UTC)
        else:
            moment = super().to_internal_value(value)
        try:
            # Near the ends of the calendar another zone has no date.
            moment = moment.astimezone(UTC)
            return moment + timedelta(days=1) if day and self.ends_day else moment
        except OverflowError:
            raise serializers.ValidationError("Beyond the calendar.") from None

    def to_representation(self, value: Any) -> str | None:
        return moments.written(value) if value else None


@extend_schema_field(OpenApiTypes.DOUBLE)
class Number(serializers.Field):
    """A decimal that goes over the wire as a JSON number."""

    def to_internal_value(self, value: Any) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise serializers.ValidationError("A number.")
        try:
            number = Decimal(str(value))
        except ArithmeticError:
            raise serializers.ValidationError("A number.") from None
        if not number.is_finite() or abs(number) >= Decimal(10) ** 18:
            raise serializers.ValidationError("Too large.")
        return number

    def to_representation(self, value: Decimal | float | None) -> int | float | None:
        if value is None:
            return None
        return int(value) if value == int(value) else float(value)


class Flag(serializers.BooleanField):
    """True or false, and nothing that merely looks like it."""

    def to_internal_value(self, value: Any) -> bool:
        if not isinstance(value, bool):
            self.fail("invalid", input=value)
        return value


class Whole(serializers.IntegerField):
    """An integer, not a text or a flag that reads like one."""

    def to_internal_value(self, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.fail("invalid")
        return super().to_internal_value(int(value) if value == int(value) else "x")


class Text(serializers.CharField):
    """A text, not a number that could be written as one."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Choice(serializers.ChoiceField):
    """One of the codes of an enumeration; whoever misses is told what there is."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "invalid_choice": _('"{input}" is none of {choices}.')
    }

    def to_internal_value(self, data: Any) -> Any:
        known = isinstance(data, str) and (data in self.choices or (not data and self.allow_blank))
        if not known:
            self.fail("invalid_choice", input=data, choices=", ".join(self.choices))
        return data


class Hint(serializers.CharField):
    """The few last symbols of what is kept as a digest."""

    def to_representation(self, value: str) -> str:
        return f"****{value}" if value else ""


class Withheld(serializers.CharField):
    """A field that clients expect and that is told once only, in another answer."""

    def get_attribute(self, instance: Any) -> str:
        return ""


class Free(serializers.DictField):
    """An object of the caller's own."""


def _bare_date(value: Any) -> date | None:
    if not isinstance(value, str) or len(value) != len("2026-01-31"):
        return None
    try:
        return parse_date(value)
    except ValueError:
        raise serializers.ValidationError("No such day.") from None
