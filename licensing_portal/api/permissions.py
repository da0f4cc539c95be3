"""What a credential may do: the scope that the view names, whose key it is, and in which tenant."""

import json
import uuid
from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.access import Credential, rows_of
from accounts.models import Tenant
from events.refusals import Refusal

# Names no tenant: whatever is filtered by it is empty.
NOBODY = uuid.UUID(int=0)


class HoldsScope(BasePermission):
    """Lets pass who holds the view's scope; a view that names none lets nobody pass."""

    def has_permission(self, request: Request, view: Any) -> bool:
        credential: Credential | None = request.auth
        if credential is None:
            raise Refusal("AUTHENTICATION_REQUIRED")
        scope = view.scope
        if not credential.may(scope):
            raise Refusal("SCOPE_REQUIRED", f"The scope {scope} is needed.", scope=scope)
        if view.vendor_only and not credential.vendor_wide:
            raise Refusal("VENDOR_ONLY")
        return True


class ActsInNamedTenant(BasePermission):
    """Narrows the credential to the tenant that body, query or X-Tenant-ID name, in this order."""

    def has_permission(self, request: Request, view: Any) -> bool:
        body = request.data if request.method in {"POST", "PUT"} else {}
        in_body = body.get("tenant_id") if isinstance(body, dict) else None
        header = request.META.get("HTTP_X_TENANT_ID", "").strip()
        query = request.query_params.get("tenant_id", "").strip()
        for name in (header, query, in_body):
            if name not in (None, ""):
                request.auth = self._narrowed(request.auth, name, filters=name is query)
        if not query and (sought := _in_filter(request)) is not None:
            request.auth = self._filtered(request.auth, sought)
        return True

    def _filtered(self, credential: Credential, name: Any) -> Credential:
        """Inside `filter` a tenant is looked for, not acted in: a foreign one has no rows."""
        found = self._find(credential, name)
        if found is None or credential.tenant_id not in (None, found.pk):
            return credential.within(NOBODY)
        return credential.within(found.pk)

    def _narrowed(self, credential: Credential, name: Any, *, filters: bool) -> Credential:
        found = self._find(credential, name)
        if not credential.vendor_wide:
            if found is None or found.pk != credential.tenant_id:
                raise Refusal("TENANT_FORBIDDEN")
            return credential
        if found is None:
            if filters:
                return credential.within(NOBODY)
            raise Refusal("TENANT_NOT_FOUND")
        return credential.within(found.pk)

    def _find(self, credential: Credential, name: Any) -> Tenant | None:
        if not isinstance(name, str) or not name.isprintable():
            return None
        # All that the vendor has: a body may name another tenant than the header does.
        rows = rows_of(credential.unbound() if credential.vendor_wide else credential, Tenant)
        try:
            return rows.filter(pk=uuid.UUID(name)).first()
        except ValueError:
            return rows.filter(code=name).first()


def _in_filter(request: Request) -> Any:
    """Return the tenant that the JSON text of `filter` names; what is no JSON the page refuses."""
    text = request.query_params.get("filter", "")
    if "tenant_id" not in text:
        return None
    try:
        inner = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return inner.get("tenant_id") if isinstance(inner, dict) else None
