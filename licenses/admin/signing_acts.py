"""What a person may do to a key that signs: replace it now, or believe it no more."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from accounts.admin.base import ScopedAdmin, origin_of
from accounts.admin.forms import HouseForm
from accounts.admin.refusals import tell
from events.refusals import Refusal
from licenses.models import KeyState, SigningKey
from licenses.services import replacing_keys
from licenses.signing import Purpose

Words = str | Promise

PURPOSES: dict[str, Words] = {
    Purpose.REVOCATIONS.value: gettext_lazy("the list of revocations"),
    Purpose.ANSWERS.value: gettext_lazy("answers to devices"),
}


@dataclass(frozen=True, slots=True)
class Act:
    """What a person may do to a key: how it is named, what it will do, and the service."""

    name: str
    label: Words
    effect: Words
    reason: Words
    done: Words
    run: Callable[..., SigningKey]
    states: frozenset[KeyState]
    grave: bool = False


ACTS = {
    act.name: act
    for act in (
        Act(
            name="rotate",
            label=gettext_lazy("Replace now"),
            effect=gettext_lazy(
                "The next key signs from now on. This one signs no more; what it signed stays "
                "believed to its end. Devices notice nothing."
            ),
            reason=gettext_lazy("Kept in the trail."),
            done=gettext_lazy("%s signs now."),
            run=replacing_keys.rotate_now,
            states=frozenset({KeyState.ACTIVE}),
        ),
        Act(
            name="compromise",
            label=gettext_lazy("Believe it no more"),
            effect=gettext_lazy(
                "Final. Everything that this key ever signed is worth nothing: files and offline "
                "activations made with it end as soon as their devices see the list of "
                "revocations, and have to be made again. If it signs now, the next one steps in."
            ),
            reason=gettext_lazy("Published in the list of revocations, for everybody to read."),
            done=gettext_lazy("%s is believed no more, and the list of revocations names it."),
            run=replacing_keys.compromise,
            states=frozenset(KeyState) - {KeyState.COMPROMISED},
            grave=True,
        ),
    )
}


class WhyForm(HouseForm):
    """Why: it stands in the trail for good."""

    reason = forms.CharField(label=gettext_lazy("Reason"), widget=forms.Textarea, max_length=500)


def possible(key: SigningKey) -> list[Act]:
    """Return the acts whose buttons stand on a key's page now."""
    state = key.state_at(timezone.now())
    return [act for act in ACTS.values() if state in act.states]


def act_upon(admin: ScopedAdmin, act: Act) -> Callable[..., HttpResponse]:
    """Give the view of an act upon a key."""

    def view(request: HttpRequest, object_id: UUID) -> HttpResponse:
        key = SigningKey.objects.select_related("product").filter(pk=object_id).first()
        if key is None:
            raise Http404
        page = reverse("admin:licenses_signingkey_change", args=[key.pk])
        form = WhyForm(request.POST or None)
        form.fields["reason"].help_text = act.reason
        if request.method == "POST" and form.is_valid():
            try:
                told = act.run(
                    key_id=key.pk,
                    reason=form.cleaned_data["reason"],
                    at=timezone.now(),
                    origin=origin_of(request),
                )
            except Refusal as refusal:
                tell(form, refusal)
            else:
                messages.success(request, act.done % told)
                return HttpResponseRedirect(page)
        return admin.draw(
            request,
            "admin/licenses/signingkey/act.html",
            title=act.label,
            key=key,
            whose=key.product or PURPOSES[key.purpose],
            act=act,
            form=form,
            back=page,
        )

    return view
