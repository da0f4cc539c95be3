"""Keys for other systems: made with no more than the maker has, shown once."""

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import rows_of
from accounts.api.base import ManagementView
from accounts.api.shapes import Moment, Shown, Text
from accounts.models import ApiKey, Tenant
from accounts.services.api_keys import create_api_key, revoke_api_key


class ApiKeyShown(Shown):
    id = serializers.UUIDField()
    name = serializers.CharField()
    key_hint = serializers.CharField()
    tenant_id = serializers.UUIDField(required=False)
    scopes = serializers.ListField(child=serializers.CharField())
    expires_at = Moment(required=False)
    revoked_at = Moment(required=False)
    last_used_at = Moment(required=False)
    created_at = Moment()


class NewApiKeyShown(ApiKeyShown):
    key = serializers.SerializerMethodField()

    def get_key(self, row: ApiKey) -> str:
        plain: str = self.context["plain"]
        return plain


class ApiKeyGiven(serializers.Serializer):
    name = Text(max_length=100)
    scopes = serializers.ListField(child=Text(max_length=40), min_length=1, max_length=50)
    tenant_id = Text(required=False)
    expires_at = Moment(required=False, ends_day=True)


class GetApiKeys(ManagementView):
    """List API keys by their hints."""

    scope = "api_keys:write"
    Output = ApiKeyShown
    listing = True
    sortable = {"name": "name", "created_at": "created_at", "last_used_at": "last_used_at"}
    searched = ("name__icontains",)

    def get(self, request: Request) -> Response:
        return self.listed(rows_of(self.credential, ApiKey))


class CreateApiKey(ManagementView):
    """Make an API key with no more scopes than the maker's; it is shown here once."""

    scope = "api_keys:write"
    Input = ApiKeyGiven
    Output = NewApiKeyShown
    success = 201

    def post(self, request: Request) -> Response:
        given = self.read()
        tenant_id = self.credential.tenant_id
        key, plain = create_api_key(
            name=given["name"],
            scopes=given["scopes"],
            tenant=self.one(Tenant, str(tenant_id), "TENANT_NOT_FOUND") if tenant_id else None,
            expires_at=given.get("expires_at"),
            made_by=request.user if request.user.is_authenticated else None,
            maker=self.credential,
            at=self.at,
            origin=self.origin,
        )
        return self.answer(key, plain=plain)


class RevokeApiKey(ManagementView):
    """End an API key for good."""

    scope = "api_keys:write"
    Output = ApiKeyShown

    def post(self, request: Request, api_key_id: str) -> Response:
        key = self.one(ApiKey, api_key_id, "API_KEY_NOT_FOUND")
        return self.answer(revoke_api_key(key_id=key.pk, at=self.at, origin=self.origin))
