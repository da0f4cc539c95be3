"""Incidents as doors show them, and how many wait for a person."""

import json
import uuid
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from compliance.models import Incident
from events import trail, vault
from licenses.models import Activation, License
from licenses.selectors.glance import Count, capped

SENTENCES: dict[str, Any] = {
    "incident.reported": _("Suspicious activity reported"),
    "incident.closed": _("Incident closed"),
}
# On a licence's page; the list has the rest.
_SHOWN = 5


def addresses_of(incidents: Iterable[Incident]) -> dict[uuid.UUID, str]:
    """Return whence incidents were last reported, by their ids; of the forgotten, nothing."""
    incidents = list(incidents)
    salts = trail.salts_by_customer({row.customer_id for row in incidents if row.customer_id})
    found = {}
    for row in incidents:
        if not row.address_sealed:
            continue
        salt = salts.get(row.customer_id, b"") if row.customer_id else trail.salt_of(None)
        with suppress(vault.VaultError):
            found[row.pk] = vault.decrypt_for(salt, row.address_sealed)
    return found


def device_of(incident: Incident) -> Activation | None:
    """Return the activation that an incident is about, if it is about one."""
    if incident.activation_id is None:
        return None
    return Activation.objects.filter(pk=incident.activation_id).first()


def awaiting() -> Count:
    """Return how many nobody has closed."""
    return capped(Incident.objects.open())


def shown_of(license: License, at: datetime) -> dict[str, Any] | None:
    """Return the newest incidents of a licence for its page; None if it never had any."""
    newest = list(Incident.objects.filter(license=license).order_by("-id")[: _SHOWN + 1])
    if not newest:
        return None
    return {"incidents": newest[:_SHOWN], "more": len(newest) > _SHOWN, "license": license}


def laid_out(evidence: Any, path: str = "") -> list[tuple[str, str]]:
    """Return evidence as lines to read: where in it something stands, and what stands there."""
    if isinstance(evidence, dict):
        pairs = [(str(name), inner) for name, inner in evidence.items()]
    elif isinstance(evidence, list):
        pairs = [(str(number), inner) for number, inner in enumerate(evidence, 1)]
    else:
        return [(path, evidence if isinstance(evidence, str) else json.dumps(evidence))]
    return [
        line
        for name, inner in pairs
        for line in laid_out(inner, f"{path} › {name}" if path else name)
    ]
