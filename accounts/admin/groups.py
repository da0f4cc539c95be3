"""Staff groups: sets of scopes."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.forms import (
    BaseInlineFormSet,
    ModelForm,
    MultipleChoiceField,
)
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy
from unfold.decorators import display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from accounts.admin.base import SUPERUSER_ONLY, ServiceAdmin, origin_of
from accounts.admin.refusals import WORDS
from accounts.roles import SCOPES, STAFF_GROUPS
from accounts.services.staff_groups import save_group

WORDS["STANDARD_GROUP"] = gettext_lazy(
    "This group is the same in every installation. Make one of your own beside it."
)


class GroupForm(ModelForm):
    """A name and the scopes of the group."""

    scopes = MultipleChoiceField(
        label=gettext_lazy("May"),
        choices=[(scope, scope) for scope in SCOPES],
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )

    class Meta:
        model = Group
        fields = ("name",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["scopes"].initial = list(_scopes_of(self.instance))


admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(ServiceAdmin):
    """The standard groups are to be seen; groups of one's own are made beside them."""

    read_scope = write_scope = SUPERUSER_ONLY
    form = GroupForm
    fields = ("name", "scopes")
    list_display = ("name", "may")
    search_fields = ("name",)
    ordering = ("name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        return super().get_queryset(request).prefetch_related("permissions")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        standard = obj is not None and obj.name in STAFF_GROUPS
        return not standard and super().has_change_permission(request, obj)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("name", "scopes") if self._is_form(request, obj) else ("name", "may")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return () if self._is_form(request, obj) else ("name", "may")

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> type[ModelForm]:
        kwargs["fields"] = ["name"]
        return super().get_form(request, obj, **kwargs)

    @display(description=gettext_lazy("May"))
    def may(self, group: Group) -> str:
        return ", ".join(_scopes_of(group)) or "-"

    def store(
        self,
        request: HttpRequest,
        form: ModelForm,
        formsets: list[BaseInlineFormSet],
        *,
        change: bool,
    ) -> Group:
        return save_group(
            name=form.cleaned_data["name"],
            scopes=form.cleaned_data["scopes"],
            group_id=form.instance.pk if change else None,
            at=timezone.now(),
            origin=origin_of(request),
        )

    def _is_form(self, request: HttpRequest, obj: Any) -> bool:
        return obj is None or self.has_change_permission(request, obj)


def _scopes_of(group: Group) -> list[str]:
    return sorted(permission.name for permission in group.permissions.all())
