"""The page of one act: GET asks, POST acts, a refusal comes back in words."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.admin.base import NO_STORE, ScopedAdmin, origin_of
from accounts.admin.refusals import WORDS, tell
from events.refusals import Refusal
from licenses.admin.act_forms import ReasonForm
from licenses.admin.acts import ActPage
from licenses.models import Activation, License
from licenses.services import activation
from licenses.states import ILLEGAL

View = Callable[..., HttpResponse]


def page_of(admin: ScopedAdmin, act: ActPage) -> View:
    """Give the view of one act."""

    def view(request: HttpRequest, object_id: UUID) -> HttpResponse:
        license = admin.license_or_404(object_id)
        at = timezone.now()
        if not act.possible(license, at):
            return _impossible(admin, request, license, act)
        form = act.form(request.POST or None, license=license, told=act.told)
        if request.method == "POST" and form.is_valid():
            try:
                outcome = act.run(license, form.cleaned_data, at, origin_of(request))
            except Refusal as refusal:
                tell(form, refusal)
            else:
                return _done(admin, request, license, act, outcome)
        return admin.draw(
            request,
            "admin/licenses/license/act.html",
            title=act.label,
            license=license,
            at=at,
            form=form,
            effect=act.effect,
            label=act.label,
            grave=act.grave,
        )

    return view


def free_device(admin: ScopedAdmin) -> View:
    """Give the view that frees one device of a licence."""

    def view(request: HttpRequest, object_id: UUID, activation_id: UUID) -> HttpResponse:
        license = admin.license_or_404(object_id)
        device = Activation.objects.filter(license=license, pk=activation_id).first()
        if device is None:
            return back_to(license)

        def do(stated: Mapping[str, Any]) -> str:
            activation.deactivate(
                activation_id=device.pk,
                reason=stated["reason"],
                at=timezone.now(),
                origin=origin_of(request),
            )
            return _("%s no longer holds a seat.") % device

        return ask(
            admin,
            request,
            license,
            ReasonForm(request.POST or None, license=license),
            do,
            title=_("Free %s") % device,
            effect=_("The device is signed out; its name keeps the seat.")
            if device.named_user_id
            else _("The device is signed out and its seat is free for another."),
            label=_("Free this device"),
        )

    return view


def ask(
    admin: ScopedAdmin,
    request: HttpRequest,
    license: License,
    form: ReasonForm,
    do: Callable[[Mapping[str, Any]], str],
    **words: Any,
) -> HttpResponse:
    """Draw an act's form, or do what it states and say on the licence's page what was done."""
    if request.method == "POST" and form.is_valid():
        try:
            done = do(form.cleaned_data)
        except Refusal as refusal:
            tell(form, refusal)
        else:
            messages.success(request, done)
            return back_to(license)
    return admin.draw(
        request,
        "admin/licenses/license/act.html",
        license=license,
        at=timezone.now(),
        form=form,
        **words,
    )


def _done(
    admin: ScopedAdmin, request: HttpRequest, license: License, act: ActPage, outcome: Any
) -> HttpResponse:
    if act.shows:
        return show_once(admin, request, license, act.shows, title=act.done, made=outcome)
    messages.success(request, str(act.done))
    return back_to(license)


def show_once(
    admin: ScopedAdmin,
    request: HttpRequest,
    license: License,
    template: str,
    *,
    title: Any,
    made: Any,
) -> HttpResponse:
    """Show a whole key, or a code, in the one answer that holds it."""
    page = admin.draw(request, template, title=title, license=license, made=made)
    page["Cache-Control"] = NO_STORE
    return page


def _impossible(
    admin: ScopedAdmin, request: HttpRequest, license: License, act: ActPage
) -> HttpResponse:
    """The button was gone; somebody kept the address, or acted meanwhile."""
    return admin.draw(
        request,
        "admin/licenses/license/act.html",
        title=act.label,
        status=409,
        license=license,
        at=timezone.now(),
        impossible=WORDS[ILLEGAL],
    )


def back_to(license: License) -> HttpResponse:
    """Lead to a licence's page."""
    return HttpResponseRedirect(reverse("admin:licenses_license_change", args=[license.pk]))
