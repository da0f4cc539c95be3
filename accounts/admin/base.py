"""What every page of the admin shares: scopes, refusals told in words, services that write."""

from collections.abc import Callable
from typing import Any

from django.contrib.admin.views.main import SEARCH_VAR
from django.core.exceptions import PermissionDenied
from django.forms import BaseInlineFormSet, ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from unfold.admin import ModelAdmin, TabularInline

from accounts.access import Credential
from accounts.admin.forms import SearchedSelect
from accounts.admin.paginator import CappedPaginator
from accounts.admin.refusals import tell
from accounts.roles import permission_of
from events.refusals import Refusal
from events.trail import Origin

# For the one answer that holds a secret.
NO_STORE = "no-store"
# What search texts lead to that must stand in no address: `(request, text)` → the address of what
# is meant, "" for the list without it, None for any other text. Each app adds its own.
SearchLead = Callable[[HttpRequest, str], str | None]
search_leads: list[SearchLead] = []
# A scope that no group can hold: only a superuser, who may everything, passes it.
SUPERUSER_ONLY = "superuser"


def may(request: HttpRequest, scope: str) -> bool:
    """Say whether the signed-in person holds the permission that means `scope`."""
    return bool(request.user.has_perm(permission_of(scope)))


def origin_of(request: HttpRequest) -> Origin:
    """Say who acts, for the trail."""
    return Credential.of_staff(request.user).origin(request)


def _without_search(request: HttpRequest) -> str:
    query = request.GET.copy()
    del query[SEARCH_VAR]
    return f"{request.path}?{query.urlencode()}" if query else request.path


class Scoped:
    """Permissions by scope. Nothing that an event may name can be deleted."""

    read_scope: str
    # Where nothing is said, nobody writes: the rows are a service's own.
    write_scope: str = ""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may(request, self.read_scope)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(self.write_scope) and may(request, self.write_scope)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(self.write_scope) and may(request, self.write_scope)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ScopedAdmin(Scoped, ModelAdmin):
    """A page that is seen by one scope and changed by another."""

    paginator = CappedPaginator
    show_full_result_count = False
    list_per_page = 50
    list_filter_submit = True
    actions = None

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.autocomplete_fields:
            kwargs.setdefault("widget", SearchedSelect(db_field, self.admin_site))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """List rows; a search text that is a secret stands in no link of the page."""
        sought = request.GET.get(SEARCH_VAR, "")
        if not sought or not self.has_view_permission(request):
            return super().changelist_view(request, extra_context)
        for lead in search_leads:
            if (address := lead(request, sought)) is not None:
                return HttpResponseRedirect(address or _without_search(request))
        return super().changelist_view(request, extra_context)

    def act_path(
        self, route: str, view: Callable[..., HttpResponse], *, scope: str, name: str = ""
    ) -> URLPattern:
        """Give an act upon a row its own address, behind its own scope."""
        return self._guarded_path(f"<uuid:object_id>/{route}/", view, scope, name or route)

    def page_path(self, route: str, view: Callable[..., HttpResponse], *, scope: str) -> URLPattern:
        """Give a page about no single row its own address, behind its own scope."""
        return self._guarded_path(f"{route}/", view, scope, route)

    def _guarded_path(
        self, route: str, view: Callable[..., HttpResponse], scope: str, name: str
    ) -> URLPattern:
        def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponse:
            if not may(request, scope):
                raise PermissionDenied
            return view(request, **kwargs)

        return path(
            route,
            self.admin_site.admin_view(guarded),
            name=f"{self.opts.app_label}_{self.opts.model_name}_{name}",
        )

    def draw(
        self, request: HttpRequest, template: str, *, title: Any, status: int = 200, **facts: Any
    ) -> TemplateResponse:
        """Draw a page of our own inside the theme's frame."""
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            **facts,
        }
        return TemplateResponse(request, template, context, status=status)

    def history_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return HttpResponseRedirect(reverse("admin:events_event_changelist"))

    # The trail is the history: a second one would only disagree with it.
    def log_addition(self, *args: Any, **kwargs: Any) -> None: ...

    def log_change(self, *args: Any, **kwargs: Any) -> None: ...


class ScopedInline(Scoped, TabularInline):
    """Rows on the page of the row they belong to."""

    extra = 0
    can_delete = False


class ServiceAdmin(ScopedAdmin):
    """A form that a service saves: what the service refuses stands on the form, in words."""

    def store(
        self,
        request: HttpRequest,
        form: ModelForm,
        formsets: list[BaseInlineFormSet],
        *,
        change: bool,
    ) -> Any:
        """Hand the valid form to a service and give back the row it wrote."""
        raise NotImplementedError

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().changeform_view(request, *args, **kwargs)
        except Refusal as refusal:
            # The transaction is undone; the same form is drawn again, with what the rule said.
            request.refusal = refusal
            return super().changeform_view(request, *args, **kwargs)

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> type[ModelForm]:
        class Told(super().get_form(request, *args, **kwargs)):
            def __init__(self, *args: Any, **kwargs: Any) -> None:
                super().__init__(*args, **kwargs)
                # The service says in words what a constraint's name would not tell.
                self.instance.validate_constraints = lambda exclude=None: None

            def clean(self) -> dict[str, Any]:
                cleaned = super().clean()
                if refusal := getattr(request, "refusal", None):
                    tell(self, refusal)
                return cleaned

        return Told

    def save_model(self, *args: Any, **kwargs: Any) -> None:
        """The service saves form and inlines together, in `save_related`."""

    def save_related(
        self, request: HttpRequest, form: ModelForm, formsets: list[BaseInlineFormSet], change: bool
    ) -> None:
        form.instance.pk = self.store(request, form, formsets, change=change).pk

    def construct_change_message(self, *args: Any, **kwargs: Any) -> list[Any]:
        return []
