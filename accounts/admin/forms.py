"""Forms of pages of our own: their inputs look like the portal's."""

from contextlib import suppress
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError


class HouseForm(forms.Form):
    """A form drawn with the portal's pieces; an error is tied to its input."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            dress(field)


def dress(field: forms.Field) -> None:
    """Give a field's widget the look of the page around it."""
    widget = field.widget
    if isinstance(widget, forms.CheckboxInput | forms.RadioSelect | forms.CheckboxSelectMultiple):
        return
    widget.attrs["class"] = f"input {widget.attrs.get('class', '')}".strip()
    if isinstance(widget, forms.Textarea):
        widget.attrs["rows"] = 3


class DateInput(forms.DateInput):
    """The browser's own calendar."""

    input_type = "date"

    def __init__(self, **kwargs: Any) -> None:
        # What the browser reads and sends, whatever the reader's language.
        super().__init__(format="%Y-%m-%d", **kwargs)


class SearchedSelect(AutocompleteSelect):
    """An input that searches as it is typed in; what can be no row's id selects none."""

    def optgroups(self, name: str, value: list[Any], attr: Any = None) -> list[Any]:
        return super().optgroups(name, [one for one in value if self._can_be(one)], attr)

    def _can_be(self, value: Any) -> bool:
        with suppress(ValidationError):
            self.field.target_field.to_python(value)
            return True
        return False


def plain(number: Decimal | None, places: int = 0) -> Decimal | None:
    """Give `2000` for `2000.000000`, and never `2E+3`; `places` are always written."""
    if number is None:
        return None
    short = Decimal(f"{number.normalize():f}")
    written = -int(short.as_tuple().exponent)
    return short if written >= places else short.quantize(Decimal(1).scaleb(-places))


class PlainNumbers(forms.ModelForm):
    """A row whose decimals stand in their inputs as people write them."""

    # Field to the places that are always written.
    plain_fields: dict[str, int] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, places in self.plain_fields.items():
            if name in self.initial:
                self.initial[name] = plain(self.initial[name], places)
