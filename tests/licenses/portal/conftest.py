"""A tenant with one licence and one device, and clients of those who look at it."""

from dataclasses import dataclass

import pytest
import time_machine
from allauth.account.internal.flows.login import record_authentication
from django.http import HttpRequest
from django.test import Client
from django.urls import reverse

from accounts.models import Tenant
from licenses.models import Activation, License, NamedUser
from tests import factories
from tests.clock import NOW
from tests.engines import ENGINE

# Statements by which a page goes behind the second wall and comes back.
WALL = 2 if ENGINE == "postgresql" else 0


@pytest.fixture(autouse=True)
def _at_now():
    """Pages read the clock, and what is tested was issued at NOW."""
    with time_machine.travel(NOW, tick=False):
        yield


@dataclass
class World:
    """One tenant, one licence, one device of it."""

    tenant: Tenant
    license: License
    device: Activation
    key: str
    named: NamedUser | None

    def url(self, name, **kwargs):
        return reverse(f"portal:{name}", kwargs={"code": self.tenant.code, **kwargs})

    @property
    def license_url(self):
        return self.url("license", license_id=self.license.pk)

    @property
    def free_url(self):
        return self.url("free-device", license_id=self.license.pk, activation_id=self.device.pk)


def make_world(**terms):
    tenant = factories.make_tenant()
    issued = factories.issue(tenant=tenant, **terms)
    named = terms.get("license_type") == "NAMED_USER"
    factories.activate(issued.key, user_identity="ada" if named else "")
    device = issued.license.activations.get()
    issued.license.refresh_from_db()
    return World(tenant, issued.license, device, issued.key, device.named_user)


@pytest.fixture(name="make_world")
def _make_world():
    return make_world


@pytest.fixture
def world():
    return make_world()


@pytest.fixture
def client_of():
    """Give a browser in which a member of that tenant and role is signed in."""

    def sign_in(tenant, role="owner", **fields):
        client, member = (
            Client(raise_request_exception=False),
            factories.make_member(tenant, role, **fields),
        )
        client.force_login(member)
        # Some pages ask for the password once more; here that has just been done.
        request = HttpRequest()
        request.session = client.session
        record_authentication(request, member, "password", reauthenticated=True)
        request.session.save()
        return client

    return sign_in
