"""What a change of a template would do to all that was sold from it."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import rows_of
from accounts.api.base import ManagementView
from accounts.api.shapes import Shown, Text, Whole
from events.refusals import invalid
from licenses.api.applying import ChangeShown
from licenses.api.licenses import id_of
from licenses.models import License, LicenseTemplate
from licenses.plans import Effect
from licenses.services.simulating import MOST_SHOWN, Simulation, simulate_template
from licenses.services.templates import TEMPLATE_FIELDS
from orders.api.template_shapes import TemplateGiven

# What a template is called and to whom it is offered changes no licence, nor does its price.
_OF_LICENSES = TEMPLATE_FIELDS - {"reserved_for", "active", "template_name", "description"}


@extend_schema_field(TemplateGiven(partial=True))
class ChangesGiven(serializers.Field):
    """What a PUT of the template would send."""

    def to_internal_value(self, value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise serializers.ValidationError("An object.")
        # Below a whole body nothing is partial of itself.
        given = TemplateGiven(data=value, partial=True, context=self.context)
        given.is_valid(raise_exception=True)
        changes: dict[str, Any] = given.validated_data
        return changes


class TemplateToSimulate(serializers.Serializer):
    template_id = Text(max_length=100)
    changes = ChangesGiven(
        help_text="As in PUT /templates; an empty object: the template as it is now."
    )
    limit = Whole(
        required=False,
        min_value=1,
        max_value=MOST_SHOWN,
        default=MOST_SHOWN,
        help_text="How many licences are shown one by one.",
    )


class AffectedCount(Shown):
    over_limit = serializers.IntegerField(help_text="Seats beyond the new limit; they are kept.")
    restricted = serializers.IntegerField(help_text="Devices that would no longer validate.")


class FieldCount(Shown):
    field = serializers.CharField()
    gain = serializers.IntegerField()
    loss = serializers.IntegerField()
    change = serializers.IntegerField()


class RefusalCount(Shown):
    code = serializers.CharField()
    count = serializers.IntegerField()


class SimulatedShown(Shown):
    license_id = serializers.UUIDField()
    changes = ChangeShown(many=True)
    affected_activations = AffectedCount(source="*")


class SimulationShown(Shown):
    template_id = serializers.UUIDField(source="template.pk")
    total = serializers.IntegerField(help_text="Licences, exact to 10,000; above, 10,001.")
    examined = serializers.IntegerField(help_text="The newest, at most 10,000.")
    capped = serializers.BooleanField()
    devices_capped = serializers.BooleanField(
        help_text="Beyond 20,000 devices none was matched against restrictions."
    )
    changed = serializers.IntegerField()
    gaining = serializers.IntegerField(help_text="Licences with a gain; they may have losses too.")
    losing = serializers.IntegerField()
    refused = serializers.IntegerField(help_text="Licences to which it could not be applied.")
    refusals = serializers.SerializerMethodField()
    affected_activations = AffectedCount(source="*")
    by_field = serializers.SerializerMethodField()
    licenses = SimulatedShown(many=True)

    @extend_schema_field(RefusalCount(many=True))
    def get_refusals(self, simulation: Simulation) -> list[dict[str, Any]]:
        return [{"code": code, "count": count} for code, count in simulation.refusals.items()]

    @extend_schema_field(FieldCount(many=True))
    def get_by_field(self, simulation: Simulation) -> list[dict[str, Any]]:
        return [
            {"field": name} | {effect.lower(): counts[effect] for effect in Effect}
            for name, counts in sorted(simulation.fields.items())
        ]


class SimulateTemplate(ManagementView):
    """Tell who would gain and lose what by a changed template; nothing is written."""

    scope = "templates:read"
    Input = TemplateToSimulate
    Output = SimulationShown

    def post(self, request: Request) -> Response:
        given = self.read()
        changes = given["changes"]
        template_id = id_of(given["template_id"], "TEMPLATE_NOT_FOUND")
        visible = rows_of(self.credential, LicenseTemplate)
        _same_product(changes, visible.filter(pk=template_id))
        licenses = rows_of(self.credential, License)
        if self.credential.tenant_id is not None:
            # What it sold on is for the buyer to know.
            licenses = licenses.filter(tenant_id=self.credential.tenant_id)
        simulation = simulate_template(
            template_id=template_id,
            visible=visible,
            licenses=licenses,
            fields={name: changes[name] for name in _OF_LICENSES & changes.keys()},
            features=changes.get("features"),
            restrictions=changes.get("restrictions"),
            at=self.at,
            limit=given["limit"],
        )
        return self.answer(simulation)


def _same_product(changes: Mapping[str, Any], template: QuerySet[LicenseTemplate]) -> None:
    product_id = template.values_list("product__product_id", flat=True).first()
    if product_id is not None and changes.get("product_id", product_id) != product_id:
        raise invalid(**{"changes.product_id": "A template stays with its product."})
