"""How the API's description learns what payloads and answers look like."""

from typing import Any

import msgspec
from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent

from licenses.device_api.shapes import Answer


class StructExtension(OpenApiSerializerExtension):
    """Describe a msgspec Struct by the schema msgspec itself makes of it."""

    target_class = "msgspec.Struct"
    match_subclasses = True

    def get_name(self, auto_schema: Any, direction: Any) -> str:
        """Name payloads by themselves and the envelope of an answer apart from what is in it."""
        return f"Device{self.target.__name__}{'Answered' if self._is_answer else ''}"

    def map_serializer(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        """Return the schema, its parts registered as components beside it."""
        (schema,), parts = msgspec.json.schema_components(
            [self.target], ref_template="#/components/schemas/Device{name}"
        )
        if not self._is_answer:
            schema = parts.pop(self.target.__name__)
        for name, part in parts.items():
            auto_schema.registry.register_on_missing(
                ResolvedComponent(
                    name=f"Device{name}",
                    type=ResolvedComponent.SCHEMA,
                    object=f"Device{name}",
                    schema=part,
                )
            )
        if self._is_answer:
            return {"type": "object", "properties": {"data": schema}, "required": ["data"]}
        return schema

    @property
    def _is_answer(self) -> bool:
        return issubclass(self.target, Answer)


class DeviceSchema(AutoSchema):
    """One device call: its payload, its answer, and that it needs no key of ours."""

    REFUSED = (400, 401, 403, 404, 405, 409, 413, 429, 500, 503)

    def get_operation_id(self) -> str:
        name = type(self.view).__name__
        return name[0].lower() + name[1:]

    def get_summary(self) -> str:
        return type(self.view).__doc__ or ""

    def get_description(self) -> str:
        return (
            "No API key: the licence key or the activation token in the body lets it in. "
            "With a `nonce` the answer is signed: header `X-Signature`."
        )

    def get_tags(self) -> list[str]:
        return ["devices"]

    def get_auth(self) -> list[dict[str, list[str]]]:
        return []

    def get_request_serializer(self) -> Any:
        return self.view.payload

    def get_response_serializers(self) -> Any:
        refused = {str(status): {"$ref": "#/components/schemas/Error"} for status in self.REFUSED}
        return {str(status): self.view.told for status in self.view.statuses} | refused
