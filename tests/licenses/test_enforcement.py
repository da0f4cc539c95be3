"""Gates in Django's and DRF's views, and the flags of a tenant."""

import json
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import Credential
from licenses.enforcement import get_tenant_feature_flags, require_license_feature
from licenses.models import Feature, QuotaCounter
from licenses.services import lifecycle
from licenses.services.entitlements import FeatureGrant
from tests import factories
from tests.clock import NOW
from tests.factories import STAFF, issue

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_noon(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def tenant():
    return factories.make_tenant()


@pytest.fixture
def grant(tenant):
    product = factories.make_product("exports", "core", "sync")
    Feature.objects.filter(feature_id="exports").update(period="DAY")

    def make(tenant=tenant, **limits):
        grants = [
            FeatureGrant(feature_id=name, limit_value=None if limit is None else Decimal(limit))
            for name, limit in limits.items()
        ]
        return issue(tenant=tenant, product=product, features=grants)

    return make


@require_license_feature("exports")
def page(request):
    return HttpResponse("exported")


@require_license_feature("exports", consume_quota=True)
def metered_page(request):
    return HttpResponse("exported")


class Known(BaseAuthentication):
    """Lets in whoever the test says."""

    def authenticate(self, request):
        return (None, request._request.credential)


class Resource(APIView):
    """A view of somebody's own API."""

    authentication_classes = (Known,)
    permission_classes = ()
    throttle_classes = ()

    @require_license_feature("exports", consume_quota=True)
    def get(self, request):
        assert isinstance(request, Request)
        return Response({"exported": True})


def asked(tenant, view=page):
    request = RequestFactory().get("/")
    request.tenant = tenant
    return view(request)


def refusal(response):
    return response.status_code, json.loads(response.content)["code"]


def test_a_page_runs_where_its_feature_is_licensed(tenant, grant):
    grant(exports=None)
    assert asked(tenant).content == b"exported"
    assert not QuotaCounter.objects.exists()


def test_without_any_valid_licence_it_is_forbidden(tenant, grant):
    for view in (page, metered_page):
        assert refusal(asked(tenant, view)) == (403, "LICENSE_NOT_FOUND")
        assert refusal(asked(None, view)) == (403, "LICENSE_NOT_FOUND")
    issued = grant(exports=None)
    lifecycle.suspend_license(license_id=issued.license.pk, reason="x", at=NOW, origin=STAFF)
    assert refusal(asked(tenant)) == (403, "LICENSE_NOT_FOUND")


def test_without_the_feature_it_is_forbidden(tenant, grant):
    grant(core=None)
    grant(tenant=factories.make_tenant(), exports=None)
    for view in (page, metered_page):
        assert refusal(asked(tenant, view)) == (403, "FEATURE_NOT_LICENSED")


def test_a_quota_is_consumed_over_all_licences_and_then_refused(tenant, grant):
    grant(exports=1)
    grant(exports=2)
    answers = [asked(tenant, metered_page) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert refusal(answers[-1]) == (429, "QUOTA_EXCEEDED")
    assert sorted(QuotaCounter.objects.values_list("used", flat=True)) == [1, 2]


def test_a_method_of_a_drf_view_is_guarded_for_its_credentials_tenant(tenant, grant):
    grant(exports=1)
    membership = factories.make_member(tenant).memberships.get()
    request = RequestFactory().get("/")
    request.credential = Credential.of_member(membership)
    view = Resource.as_view()
    assert view(request).data == {"exported": True}
    assert refusal(view(request)) == (429, "QUOTA_EXCEEDED")
    request.credential = None
    assert refusal(view(request)) == (403, "LICENSE_NOT_FOUND")


def test_only_what_takes_a_request_can_be_guarded():
    with pytest.raises(TypeError):
        page(SimpleNamespace())


def test_flags_are_the_union_and_the_most_generous_limit_wins(tenant, grant):
    grant(exports=5, core=None)
    grant(exports=9, sync=3)
    grant(tenant=factories.make_tenant(), exports=100)
    asked(tenant, metered_page)
    flags = get_tenant_feature_flags(tenant)
    assert {name: (flag["limit_value"], flag["remaining"]) for name, flag in flags.items()} == {
        "core": (None, None),
        "exports": (9, 8),
        "sync": (3, 3),
    }
    assert all(flag["enabled"] for flag in flags.values())
    grant(exports=None)
    assert get_tenant_feature_flags(tenant)["exports"]["limit_value"] is None


def test_what_is_off_or_has_ended_is_shown_as_off_unless_another_licence_grants_it(tenant):
    product = factories.make_product("exports", "core")
    off = FeatureGrant(feature_id="exports", enabled=False)
    ended = FeatureGrant(feature_id="core", expires_at=timezone.now() - timedelta(days=1))
    issue(tenant=tenant, product=product, features=[off, ended])
    flags = get_tenant_feature_flags(tenant)
    assert {name: flag["enabled"] for name, flag in flags.items()} == {
        "exports": False,
        "core": False,
    }
    issue(tenant=tenant, product=product, features=[FeatureGrant(feature_id="exports")])
    flags = get_tenant_feature_flags(tenant)
    assert flags["exports"]["enabled"]
    assert flags["exports"]["expires_at"] == NOW + timedelta(days=365)


def test_however_many_licences_there_are_flags_are_one_query(
    tenant, grant, django_assert_num_queries
):
    for limit in range(1, 6):
        grant(exports=limit)
    with django_assert_num_queries(1):
        assert get_tenant_feature_flags(tenant)["exports"]["limit_value"] == 5
