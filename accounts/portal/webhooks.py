"""Where a tenant's other systems hear of events: listed, added, tried, switched off and on."""

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.portal.door import TenantView
from accounts.portal.forms import AfterForm, WebhookForm
from accounts.portal.pager import stretch_of
from accounts.selectors.webhook_words import ERRORS
from events.models import WebhookDelivery, WebhookEndpoint
from events.refusals import Refusal
from events.services.webhooks import endpoints, replaying, sending


class WebhookView(TenantView):
    """What the pages of webhooks share."""

    scope = "webhooks:write"
    section = "webhooks"

    def endpoint(self, endpoint_id: uuid.UUID) -> WebhookEndpoint:
        found: WebhookEndpoint = self.find(self.rows(WebhookEndpoint), pk=endpoint_id)
        return found

    def back_to(self, endpoint_id: uuid.UUID) -> HttpResponse:
        return redirect("portal:webhook", self.tenant.code, endpoint_id)


class WebhooksPage(WebhookView):
    """`/t/<code>/webhooks/`."""

    template_name = "portal/webhooks/list.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page({"endpoints": list(self.rows(WebhookEndpoint).order_by("-id"))})


class AddWebhook(WebhookView):
    """`/t/<code>/webhooks/new/`: the answer to its form is the only page with the secret."""

    asks_again = True
    template_name = "portal/webhooks/form.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page({"form": WebhookForm(initial={"event_types": ["license.*"]})})

    def post(self, request: HttpRequest) -> HttpResponse:
        form = WebhookForm(request.POST)
        if not form.is_valid():
            return self.page({"form": form}, status=400)
        try:
            endpoint, secret = endpoints.create_endpoint(
                **form.cleaned_data,
                tenant_id=self.tenant.pk,
                at=self.at,
                origin=self.credential.origin(request),
            )
        except Refusal as refusal:
            form.tell(refusal)
            return self.page({"form": form}, status=400)
        self.template_name = "portal/webhooks/secret.html"
        return self.page({"endpoint": endpoint, "secret": secret})


class ChangeWebhook(WebhookView):
    """`/t/<code>/webhooks/<id>/change/`."""

    template_name = "portal/webhooks/form.html"

    def get(self, request: HttpRequest, endpoint_id: uuid.UUID) -> HttpResponse:
        endpoint = self.endpoint(endpoint_id)
        return self.page({"form": WebhookForm.of(endpoint), "endpoint": endpoint})

    def post(self, request: HttpRequest, endpoint_id: uuid.UUID) -> HttpResponse:
        endpoint = self.endpoint(endpoint_id)
        form = WebhookForm.of(endpoint, request.POST)
        if form.is_valid():
            try:
                endpoints.change_endpoint(
                    endpoint_id=endpoint.pk,
                    fields=form.cleaned_data,
                    at=self.at,
                    origin=self.credential.origin(request),
                )
            except Refusal as refusal:
                form.tell(refusal)
            else:
                messages.success(request, _("Changed."))
                return self.back_to(endpoint.pk)
        return self.page({"form": form, "endpoint": endpoint}, status=400)


class WebhookPage(WebhookView):
    """`/t/<code>/webhooks/<id>/`: what it is told, and a button for each act."""

    template_name = "portal/webhooks/endpoint.html"

    def get(self, request: HttpRequest, endpoint_id: uuid.UUID) -> HttpResponse:
        endpoint = self.endpoint(endpoint_id)
        form = AfterForm(request.GET)
        form.is_valid()
        deliveries = self.rows(WebhookDelivery).filter(endpoint=endpoint).select_related("event")
        stretch = stretch_of(
            deliveries, after=form.cleaned_data["after"], before=form.cleaned_data["before"]
        )
        return self.page({"endpoint": endpoint, "stretch": stretch, "errors": ERRORS})

    def post(self, request: HttpRequest, endpoint_id: uuid.UUID) -> HttpResponse:
        endpoint = self.endpoint(endpoint_id)
        if request.POST.get("act") == "test":
            self._test(request, endpoint)
        elif request.POST.get("act") in ("on", "off"):
            active = request.POST["act"] == "on"
            endpoints.change_endpoint(
                endpoint_id=endpoint.pk,
                fields={"active": active},
                at=self.at,
                origin=self.credential.origin(request),
            )
            done = _("It is switched on.") if active else _("It is switched off.")
            messages.success(request, done)
        return self.back_to(endpoint.pk)

    def _test(self, request: HttpRequest, endpoint: WebhookEndpoint) -> None:
        answer = sending.send_test(endpoint_id=endpoint.pk, at=self.at)
        if answer.taken:
            messages.success(request, _("The test arrived: answer %s.") % answer.status)
        else:
            why = ERRORS.get(answer.error, answer.error)
            status = f" ({answer.status})" if answer.status else ""
            messages.error(
                request, _("The test did not arrive: %(why)s") % {"why": f"{why}{status}"}
            )


class WebhookSecret(WebhookView):
    """`/t/<code>/webhooks/<id>/secret/`: another secret in place of the one there is."""

    asks_again = True
    template_name = "portal/webhooks/secret.html"

    def get(self, request: HttpRequest, endpoint_id: uuid.UUID) -> HttpResponse:
        return self.page({"endpoint": self.endpoint(endpoint_id)})

    def post(self, request: HttpRequest, endpoint_id: uuid.UUID) -> HttpResponse:
        endpoint, secret = endpoints.rotate_secret(
            endpoint_id=self.endpoint(endpoint_id).pk,
            at=self.at,
            origin=self.credential.origin(request),
        )
        return self.page({"endpoint": endpoint, "secret": secret, "rotated": True})


class ReplayWebhook(WebhookView):
    """`/t/<code>/webhooks/<id>/deliveries/<id>/again/`: asks first, then sends again."""

    template_name = "portal/webhooks/again.html"

    def get(
        self, request: HttpRequest, endpoint_id: uuid.UUID, delivery_id: uuid.UUID
    ) -> HttpResponse:
        return self.page({"delivery": self._delivery(endpoint_id, delivery_id), "errors": ERRORS})

    def post(
        self, request: HttpRequest, endpoint_id: uuid.UUID, delivery_id: uuid.UUID
    ) -> HttpResponse:
        delivery = self._delivery(endpoint_id, delivery_id)
        try:
            replaying.replay_one(
                endpoint_id=endpoint_id,
                delivery_id=delivery.pk,
                at=self.at,
                origin=self.credential.origin(request),
            )
        except Refusal:
            messages.error(request, _("It is switched off: switch it on first."))
        else:
            messages.success(request, _("It is sent again within seconds."))
        return self.back_to(endpoint_id)

    def _delivery(self, endpoint_id: uuid.UUID, delivery_id: uuid.UUID) -> WebhookDelivery:
        rows = self.rows(WebhookDelivery).select_related("event", "endpoint")
        found: WebhookDelivery = self.find(rows, pk=delivery_id, endpoint_id=endpoint_id)
        return found
