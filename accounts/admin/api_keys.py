"""API keys: made here, shown once, revoked for good."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.forms import BaseInlineFormSet, ModelForm, MultipleChoiceField
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from accounts.access import Credential
from accounts.admin.base import NO_STORE, ServiceAdmin, may, origin_of
from accounts.models import ApiKey
from accounts.roles import EVERYTHING, SCOPES
from accounts.services import api_keys
from events.refusals import Refusal

WORKS, EXPIRED, REVOKED = (
    gettext_lazy("Works"),
    gettext_lazy("Expired"),
    gettext_lazy("Revoked"),
)


class ApiKeyForm(ModelForm):
    """The scopes on offer are those that the maker holds."""

    scopes = MultipleChoiceField(
        label=gettext_lazy("May"),
        choices=[(scope, scope) for scope in (*SCOPES, EVERYTHING)],
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )

    class Meta:
        model = ApiKey
        fields = ("name", "tenant", "scopes", "expires_at")


@admin.register(ApiKey)
class ApiKeyAdmin(ServiceAdmin):
    """Credentials of other systems. A key is never changed: make another and revoke this one."""

    read_scope = write_scope = "api_keys:write"
    form = ApiKeyForm
    list_display = ("name", "key_hint", "tenant", "standing", "expires_at", "last_used_at")
    list_filter = (("tenant", AutocompleteSelectFilter),)
    list_select_related = ("tenant",)
    search_fields = ("name", "key_hint")
    ordering = ("-id",)
    autocomplete_fields = ("tenant",)
    change_form_outer_before_template = "admin/accounts/apikey/revoke.html"

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        if obj is None:
            return ("name", "tenant", "scopes", "expires_at")
        facts = ("standing", "revoked_at", "last_used_at", "created_by", "created_at")
        return ("name", "key_hint", "tenant", "held", "expires_at", *facts)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return () if obj is None else self.get_fields(request, obj)

    def get_urls(self) -> list[Any]:
        revoke = self.act_path("revoke", require_POST(self.revoke), scope=self.write_scope)
        return [revoke, *super().get_urls()]

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> type[ModelForm]:
        form = super().get_form(request, obj, **kwargs)
        if "scopes" in form.base_fields:
            form.base_fields["scopes"].choices = [
                (scope, scope) for scope in SCOPES if may(request, scope)
            ] + ([(EVERYTHING, _("everything"))] if request.user.is_superuser else [])
        return form

    def store(
        self,
        request: HttpRequest,
        form: ModelForm,
        formsets: list[BaseInlineFormSet],
        *,
        change: bool,
    ) -> ApiKey:
        key, request.plain_key = api_keys.create_api_key(
            **{name: form.cleaned_data[name] for name in ApiKeyForm.Meta.fields},
            made_by=request.user,
            maker=Credential.of_staff(request.user),
            at=timezone.now(),
            origin=origin_of(request),
        )
        return key

    def response_add(self, request: HttpRequest, obj: ApiKey, *args: Any) -> HttpResponse:
        """Show the key, in the only answer that ever holds it."""
        page = self.draw(
            request,
            "admin/accounts/apikey/made.html",
            title=_("API key made"),
            name=obj.name,
            key=request.plain_key,
        )
        page["Cache-Control"] = NO_STORE
        return page

    def revoke(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        try:
            key = api_keys.revoke_api_key(
                key_id=object_id, at=timezone.now(), origin=origin_of(request)
            )
        except Refusal:
            return self._get_obj_does_not_exist_redirect(request, self.opts, str(object_id))
        messages.success(request, _("%s is revoked: its next call is refused.") % key)
        return HttpResponseRedirect(reverse("admin:accounts_apikey_change", args=[key.pk]))

    @display(
        description=gettext_lazy("state"),
        label={WORKS: "success", EXPIRED: "warning", REVOKED: "danger"},
    )
    def standing(self, key: ApiKey) -> Any:
        if key.revoked_at is not None:
            return REVOKED
        return WORKS if key.works_at(timezone.now()) else EXPIRED

    @display(description=gettext_lazy("may"))
    def held(self, key: ApiKey) -> str:
        return ", ".join(key.scopes)
