"""What apps above add to pages of licences and templates, from their `AppConfig.ready()`."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.utils.functional import Promise

from events.trail import Origin
from licenses.models import License, LicenseTemplate


@dataclass(frozen=True, slots=True)
class Panel:
    """A card on a licence's page in the admin, for whoever holds its scope."""

    title: str | Promise
    template: str
    scope: str
    # What the template is given beside the licence; None where there is nothing to show.
    facts: Callable[[License, datetime], dict[str, Any] | None]


@dataclass(frozen=True, slots=True)
class TemplatePart:
    """Rows on a template's page, and the service that stores them with the template."""

    inlines: tuple[type, ...]
    # Given the template and the formsets of the whole page.
    store: Callable[[LicenseTemplate, Iterable[Any], datetime, Origin], None]


@dataclass(frozen=True, slots=True)
class TemplateAct:
    """An act upon a template: a button on its page, and a page of its own."""

    name: str
    label: str | Promise
    scope: str
    # From the admin of templates, which draws, to the view.
    view: Callable[[Any], Callable[..., HttpResponse]]


panels: list[Panel] = []
template_parts: list[TemplatePart] = []
template_acts: list[TemplateAct] = []
