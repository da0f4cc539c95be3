"""People who sign in."""

from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin, messages
from django.db.models import ManyToManyField
from django.forms import BaseInlineFormSet, ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from accounts.admin.base import SUPERUSER_ONLY, ServiceAdmin, origin_of
from accounts.admin.password_links import send_password_link
from accounts.models import User
from accounts.services.users import (
    CHANGEABLE,
    change_user,
    create_user,
    remove_second_factor,
)

# E-mail addresses are the users' own field here, and second factors are secrets.
admin.site.unregister(EmailAddress)
admin.site.unregister(Authenticator)


@admin.register(User)
class UserAdmin(ServiceAdmin):
    """Users are made with an e-mail address alone: they set their own password by a link."""

    read_scope = write_scope = SUPERUSER_ONLY
    list_display = ("email", "name", "is_staff", "is_superuser", "is_active", "last_login")
    list_filter = ("is_staff", "is_superuser", "is_active", "groups")
    search_fields = ("email", "name")
    ordering = ("-id",)
    formfield_overrides = {ManyToManyField: {"widget": UnfoldAdminCheckboxSelectMultipleWidget}}
    readonly_fields = ("last_login", "date_joined")
    change_form_outer_before_template = "admin/accounts/user/password.html"
    fieldsets = (
        (None, {"fields": ("email", "name", "time_zone", "is_active")}),
        (
            gettext_lazy("In this admin"),
            {
                "fields": ("is_staff", "groups", "is_superuser"),
                "description": gettext_lazy(
                    "Staff may do what their groups permit; a superuser may do everything."
                ),
            },
        ),
        (gettext_lazy("Known of them"), {"fields": ("last_login", "date_joined")}),
    )

    def get_urls(self) -> list[Any]:
        send = self.act_path(
            "password-link", require_POST(self.send_password_link), scope=SUPERUSER_ONLY
        )
        remove = self.act_path(
            "second-factor", require_POST(self.remove_second_factor), scope=SUPERUSER_ONLY
        )
        return [send, remove, *super().get_urls()]

    def store(
        self,
        request: HttpRequest,
        form: ModelForm,
        formsets: list[BaseInlineFormSet],
        *,
        change: bool,
    ) -> User:
        values = {name: form.cleaned_data[name] for name in CHANGEABLE}
        stated: dict[str, Any] = {
            "groups": form.cleaned_data["groups"],
            "at": timezone.now(),
            "origin": origin_of(request),
        }
        if change:
            return change_user(user_id=form.instance.pk, changes=values, **stated)
        return create_user(**values, **stated)

    def response_add(self, request: HttpRequest, obj: User, *args: Any) -> HttpResponse:
        send_password_link(request, obj)
        return super().response_add(request, obj, *args)

    def send_password_link(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        user = get_object_or_404(User, pk=object_id)
        send_password_link(request, user)
        return HttpResponseRedirect(reverse("admin:accounts_user_change", args=[user.pk]))

    def remove_second_factor(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        user = get_object_or_404(User, pk=object_id)
        remove_second_factor(user_id=user.pk, at=timezone.now(), origin=origin_of(request))
        messages.success(request, _("%s sets up another second factor at the next sign-in.") % user)
        return HttpResponseRedirect(reverse("admin:accounts_user_change", args=[user.pk]))
