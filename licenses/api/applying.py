"""Applying a template to a licence that was sold, after a look at what that changes."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.shapes import Flag, Hint, Moment, Number, Shown, Text
from events import moments
from licenses.api.licenses import LicenseView, id_of
from licenses.plans import RESTRICTIONS, Effect, FeatureTerms
from licenses.restrictions import shown_values
from licenses.selectors.devices import masked_name
from licenses.services.applying import apply_template, preview_template

_VALUE: dict[str, Any] = {
    "oneOf": [
        {"type": "string"},
        {"type": "number"},
        {"type": "boolean"},
        {"type": "object", "additionalProperties": {}},
        {"type": "array", "items": {"type": "object", "additionalProperties": {}}},
    ]
}


class TemplateToApply(serializers.Serializer):
    template_id = Text(max_length=100)
    preview = Flag(required=False, help_text="Tell what would change, and write nothing.")
    changes_digest = Text(
        required=False,
        max_length=64,
        help_text="Of a preview: apply these changes and no others, else 412 STALE_PREVIEW.",
    )
    reason = Text(required=False, max_length=2000, allow_blank=True)


@extend_schema_field(_VALUE)
class TermValue(serializers.Field):
    """A term of any kind as JSON has it; absent where there is none."""

    def to_representation(self, value: Any) -> Any:
        match value:
            case FeatureTerms():
                told = {name: _plain(one) for name, one in value._asdict().items()}
                return {name: one for name, one in told.items() if one not in (None, "")}
            case tuple():
                return [
                    {
                        "restriction_type": row.restriction_type,
                        "operator": row.operator,
                        "values": shown_values(row.restriction_type, row.values),
                    }
                    for row in value
                ]
        return _plain(value)


class ChangeShown(Shown):
    field = serializers.CharField(
        help_text=f"A field of the licence, `features.<feature_id>`, or `{RESTRICTIONS}`."
    )
    effect = serializers.ChoiceField(
        choices=[effect.value for effect in Effect],
        help_text="To the holder. CHANGE is neither a gain nor a loss, or both at once.",
    )
    before = TermValue(required=False)
    after = TermValue(required=False)


class AffectedShown(Shown):
    activation_id = serializers.UUIDField(source="activation.pk")
    device = Hint(source="activation.fingerprint_hint")
    machine_name = serializers.SerializerMethodField(required=False)
    code = serializers.CharField(
        help_text="ACTIVATION_LIMIT_EXCEEDED: beyond the new limit, and keeps its seat. "
        "RESTRICTED_…: it would no longer validate."
    )
    activated_at = Moment(source="activation.activated_at")
    last_seen = Moment()

    def get_machine_name(self, affected: Any) -> str:
        name = affected.activation.machine_name
        return masked_name(name) if name else ""


class ApplicationShown(Shown):
    license_id = serializers.UUIDField(source="license.pk")
    template_id = serializers.UUIDField(source="template.pk")
    changes = ChangeShown(many=True)
    changes_digest = serializers.CharField(source="digest")
    affected_activations = AffectedShown(
        source="shown", many=True, help_text="Newest first, at most 100."
    )
    affected_count = serializers.IntegerField()
    applied = serializers.BooleanField()
    revision = serializers.IntegerField(source="license.revision")


class ApplyTemplate(LicenseView):
    """Let a licence have the terms of a template, or tell what that would change."""

    scope = "licenses:write"
    Input = TemplateToApply
    Output = ApplicationShown

    def post(self, request: Request, license_id: str) -> Response:
        license = self.own_license(license_id)
        given = self.read()
        named: dict[str, Any] = {
            "license_id": license.pk,
            "template_id": id_of(given["template_id"], "TEMPLATE_NOT_FOUND"),
            "expected_revision": self.expected_revision(),
            "at": self.at,
        }
        if given.get("preview"):
            done = preview_template(**named)
        else:
            done = apply_template(
                **named,
                expected_digest=given.get("changes_digest", ""),
                reason=given.get("reason", ""),
                origin=self.origin,
            )
        response = self.answer(done)
        response["ETag"] = f'"{done.license.revision}"'
        return response


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return Number().to_representation(value)
    if isinstance(value, datetime):
        return moments.written(value)
    return value if value is None or isinstance(value, bool | int) else str(value)
