"""The names that hold a licence's seats."""

from typing import Any

from django.db.models import QuerySet
from django_filters import CharFilter, FilterSet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import rows_of
from accounts.api.base import ManagementView
from accounts.api.fields import YesNo
from accounts.api.shapes import Moment, Shown, Text
from licenses.api.license_acts import Reason
from licenses.models import License, NamedUser
from licenses.models.named_user import MAX_IDENTITY
from licenses.services import named_users, names


class NamedUserShown(Shown):
    id = serializers.UUIDField()
    license_id = serializers.UUIDField()
    user_identity = serializers.CharField(source="identity")
    devices = serializers.IntegerField(required=False)
    assigned_at = Moment()
    unassigned_at = Moment(required=False)
    unassign_reason = serializers.CharField(required=False)


class UserIdentity(serializers.Serializer):
    user_identity = Text(max_length=MAX_IDENTITY)
    reason = Text(required=False, max_length=500, allow_blank=True)


class NamedUserFilters(FilterSet):
    """Those who hold a seat; `assigned=false` asks for those who held one."""

    assigned = YesNo(method="whether_assigned")
    user_identity = CharFilter(method="of_name")

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.form.cleaned_data.get("assigned") is None:
            queryset = queryset.assigned()
        return super().filter_queryset(queryset)

    def whether_assigned(self, rows: Any, name: str, value: bool) -> Any:
        return rows.filter(unassigned_at__isnull=value)

    def of_name(self, rows: Any, name: str, value: str) -> Any:
        return rows.filter(identity=names.spelt(value))


class GetNamedUsers(ManagementView):
    """List the names that hold a licence's seats."""

    scope = "activations:read"
    Output = NamedUserShown
    listing = True
    Filters = NamedUserFilters
    sortable = {"assigned_at": "assigned_at", "user_identity": "identity"}
    searched = ("identity__icontains",)

    def get(self, request: Request, license_id: str) -> Response:
        license = self.one(License, license_id, "LICENSE_NOT_FOUND")
        rows = rows_of(self.credential, NamedUser).filter(license_id=license.pk)
        return self.listed(rows.with_devices())


class AssignNamedUser(ManagementView):
    """Give a name a seat ahead of its first device; a name that has one is answered with 200."""

    scope = "activations:write"
    Input = UserIdentity
    Output = NamedUserShown
    success = 201

    def post(self, request: Request, license_id: str) -> Response:
        license = self.own(License, license_id, "LICENSE_NOT_FOUND")
        given = self.read()
        named, is_new = named_users.assign(
            license_id=license.pk,
            identity=given["user_identity"],
            reason=given.get("reason", ""),
            at=self.at,
            origin=self.origin,
        )
        response = self.answer(named)
        response.status_code = self.success if is_new else 200
        return response


class UnassignNamedUser(ManagementView):
    """Sign a name's devices out and free its seat; twice is once."""

    scope = "activations:write"
    Input = Reason
    Output = NamedUserShown

    def post(self, request: Request, license_id: str, user_id: str) -> Response:
        license = self.own(License, license_id, "LICENSE_NOT_FOUND")
        named = self.one(NamedUser, user_id, "NAMED_USER_NOT_FOUND")
        return self.answer(
            named_users.unassign(
                license_id=license.pk,
                named_user_id=named.pk,
                reason=self.read()["reason"],
                at=self.at,
                origin=self.origin,
            )
        )
