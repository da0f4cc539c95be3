"""The portal's addresses and the empty view that the device calls are compared with."""

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from licensing_portal.urls import urlpatterns as portal


@csrf_exempt
def empty(request: HttpRequest) -> HttpResponse:
    """Answer with nothing: what is left is the server, Django and the first middlewares."""
    return HttpResponse(b'{"data":{}}', content_type="application/json")


urlpatterns = [path("empty", empty, name="empty"), *portal]
