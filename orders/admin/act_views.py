"""The page of one act upon an order: GET asks, POST acts, a refusal comes back in words."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from accounts.admin.base import ScopedAdmin, origin_of
from accounts.admin.refusals import tell
from events.refusals import Refusal
from orders.admin import chips
from orders.admin.acts import IMPOSSIBLE, ActPage
from orders.models import Order

_PAGE = "admin/orders/order/act.html"


def page_of(
    admin: ScopedAdmin, act: ActPage, order_or_404: Callable[[UUID], Order]
) -> Callable[..., HttpResponse]:
    """Give the view of one act."""

    def view(request: HttpRequest, object_id: UUID) -> HttpResponse:
        order = order_or_404(object_id)
        if not act.possible(order):
            return _impossible(admin, request, order, act)
        form = act.form(request.POST if request.method == "POST" else None, order=order)
        if request.method == "POST" and form.is_valid():
            try:
                act.run(order, form.cleaned_data, timezone.now(), origin_of(request))
            except Refusal as refusal:
                order = order_or_404(object_id)
                if not act.possible(order):
                    return _impossible(admin, request, order, act)
                tell(form, refusal)
            else:
                messages.success(request, str(act.done))
                page = reverse("admin:orders_order_change", args=[order.pk])
                return HttpResponseRedirect(page)
        return admin.draw(request, _PAGE, title=act.label, act=act, form=form, **_about(order))

    return view


def _impossible(
    admin: ScopedAdmin, request: HttpRequest, order: Order, act: ActPage
) -> HttpResponse:
    """The button was gone; somebody kept the address, or acted meanwhile."""
    about = _about(order)
    return admin.draw(
        request, _PAGE, title=act.label, status=409, impossible=IMPOSSIBLE, act=act, **about
    )


def _about(order: Order) -> dict[str, object]:
    return {"order": order, "chip": chips.of_order(order), "paid": chips.of_payment(order)}
