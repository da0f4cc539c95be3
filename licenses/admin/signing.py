"""The keys that sign and the roots that vouch for them: seen here, replaced and taken back."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from accounts.admin.base import SUPERUSER_ONLY, ScopedAdmin, may
from licenses.admin.filters import Offered, ProductFilter
from licenses.admin.signing_acts import ACTS, PURPOSES, Words, act_upon, possible
from licenses.models import KeyState, RootKey, SigningKey
from licenses.services import root_keys
from licenses.signing import Purpose

# Characters of a key's name in a list; the whole of it stands on the key's page.
_SHOWN = 16

STATES: dict[KeyState, Words] = {
    KeyState.UNCERTIFIED: gettext_lazy("Waits for its root"),
    KeyState.NEXT: gettext_lazy("Next"),
    KeyState.ACTIVE: gettext_lazy("Signs"),
    KeyState.RETIRED: gettext_lazy("Verifies only"),
    KeyState.COMPROMISED: gettext_lazy("Not believed"),
}
_COLOURS = {
    STATES[KeyState.UNCERTIFIED]: "warning",
    STATES[KeyState.NEXT]: "info",
    STATES[KeyState.ACTIVE]: "success",
    STATES[KeyState.RETIRED]: "default",
    STATES[KeyState.COMPROMISED]: "danger",
}


class StateFilter(Offered):
    """By where they are in their life at this moment."""

    title = gettext_lazy("state")
    parameter_name = "now"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(state.value, words) for state, words in STATES.items()]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[SigningKey]
    ) -> QuerySet[SigningKey]:
        if not self.value():
            return queryset
        return queryset.in_state(KeyState(self.value()), timezone.now())


@admin.register(SigningKey)
class SigningKeyAdmin(ScopedAdmin):
    """Read-only but for two acts: what a key is was settled when its root vouched for it."""

    read_scope = "security:read"
    list_display = ("name", "signs", "state", "active_from", "signs_until", "expires_at")
    list_filter = (StateFilter, ProductFilter)
    list_select_related = ("product",)
    search_fields = ("kid", "product__product_id", "product__product_name")
    search_help_text = gettext_lazy("A part of a key's id, or a product.")
    ordering = ("-id",)
    list_before_template = "admin/licenses/signingkey/list_before.html"
    change_form_outer_before_template = "admin/licenses/signingkey/acts.html"
    fields = (
        "whole_name", "signs", "state", "created_at", "active_from", "signs_until", "expires_at",
        "compromised_at", "compromise_reason",
    )  # fmt: skip
    readonly_fields = fields

    def get_urls(self) -> list[Any]:
        acts = [
            self.act_path(act.name, act_upon(self, act), scope=SUPERUSER_ONLY)
            for act in ACTS.values()
        ]
        return [*acts, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """List them, and say first what the vendor has to see to."""
        at = timezone.now()
        answering = SigningKey.objects.of(Purpose.ANSWERS)
        told = {
            "embedded": settings.SIGNING_ROOT == root_keys.EMBEDDED,
            # None at all: nobody has asked for a signed answer yet.
            "unsigned": answering.exists() and not answering.signing(at).exists(),
            "waiting": SigningKey.objects.to_be_certified(at).count(),
        }
        return super().changelist_view(request, {**told, **(extra_context or {})})

    def change_view(
        self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        told: dict[str, Any] = {"acts": []}
        key = self.get_object(request, object_id)
        if key is not None and may(request, SUPERUSER_ONLY):
            told["acts"] = possible(key)
        return super().change_view(request, object_id, extra_context=told)

    @display(description=gettext_lazy("key id"), ordering="kid")
    def name(self, key: SigningKey) -> str:
        return Truncator(key.kid).chars(_SHOWN)

    @display(description=gettext_lazy("key id"))
    def whole_name(self, key: SigningKey) -> str:
        return _breakable(key.kid)

    @display(description=gettext_lazy("signs"))
    def signs(self, key: SigningKey) -> Any:
        return key.product or PURPOSES[key.purpose]

    @display(description=gettext_lazy("state"), label=_COLOURS)
    def state(self, key: SigningKey) -> Any:
        return STATES[key.state_at(timezone.now())]


@admin.register(RootKey)
class RootKeyAdmin(ScopedAdmin):
    """Read-only: roots are made and trusted on the command line."""

    read_scope = "security:read"
    list_display = ("name", "place", "created_at", "retired_at")
    search_fields = ("kid",)
    ordering = ("-id",)
    fields = ("whole_name", "place", "created_at", "retired_at")
    readonly_fields = fields

    @display(description=gettext_lazy("key id"), ordering="kid")
    def name(self, root: RootKey) -> str:
        return Truncator(root.kid).chars(_SHOWN)

    @display(description=gettext_lazy("key id"))
    def whole_name(self, root: RootKey) -> str:
        return _breakable(root.kid)

    @display(description=gettext_lazy("where it is"))
    def place(self, root: RootKey) -> str:
        return _("on this server, encrypted") if root.embedded else _("on another machine")


def _breakable(kid: str) -> str:
    """Let a narrow page break a key's name, which copies without the break."""
    return format_html("{}<wbr>{}", kid[:22], kid[22:])
