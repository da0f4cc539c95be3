import json
import logging

import pytest
from django.contrib import admin
from django.http import HttpResponse
from django.template.response import SimpleTemplateResponse
from django.test import Client
from django.urls import path

from licensing_portal import logs


def whole_key(request, key):
    return HttpResponse(request.META["REMOTE_ADDR"])


class LateResponse(SimpleTemplateResponse):
    """Like DRF's refusals: nothing in it until someone renders it."""

    @property
    def rendered_content(self):
        return "rendered"


urlpatterns = [
    path("admin/", admin.site.urls),  # the entrance to it is guarded by a middleware
    path("keys/<str:key>", whole_key, name="by-key"),
    path("crash/<str:key>", lambda request, key: 1 / 0, name="crash"),
    path("device", lambda request: LateResponse(None, status=403), name="device"),
]


@pytest.fixture(autouse=True)
def _these_urls(settings):
    settings.ROOT_URLCONF = __name__
    settings.DEVICE_CALLS = []


@pytest.fixture
def client_behind(settings, client):
    def call(*, proxies, came_from, forwarded):
        settings.TRUSTED_PROXIES = proxies
        return client.get(
            "/keys/x", REMOTE_ADDR=came_from, headers={"x-forwarded-for": forwarded}
        ).content.decode()

    return call


@pytest.mark.parametrize(
    ("proxies", "came_from", "forwarded", "believed"),
    [
        ([], "203.0.113.9", "198.51.100.7", "203.0.113.9"),
        (["10.0.0.0/8"], "203.0.113.9", "198.51.100.7", "203.0.113.9"),
        (["10.0.0.0/8"], "10.0.0.2", "198.51.100.7", "198.51.100.7"),
        (["10.0.0.0/8"], "10.0.0.2", "1.1.1.1, 198.51.100.7", "198.51.100.7"),
        (["10.0.0.0/8"], "10.0.0.2", "198.51.100.7, 10.0.0.3", "198.51.100.7"),
        (["10.0.0.0/8"], "10.0.0.2", "not an address", "10.0.0.2"),
        (["10.0.0.0/8"], "10.0.0.2", "", "10.0.0.2"),
    ],
)
def test_only_a_proxy_of_ours_is_believed(client_behind, proxies, came_from, forwarded, believed):
    found = client_behind(proxies=proxies, came_from=came_from, forwarded=forwarded)
    assert found == believed


def test_a_licence_key_in_a_path_or_query_reaches_no_log_line(client, caplog):
    caplog.set_level(logging.DEBUG)
    client.get("/keys/SECRET-KEY?license_key=SECRET-KEY")
    client.get("/nowhere/SECRET-KEY")
    lines = [logs.JsonFormatter().format(record) for record in caplog.records]
    ours = [line for line in lines if json.loads(line)["logger"] == "access"]
    assert [json.loads(line)["route"] for line in ours] == ["by-key", "unmatched"]
    assert not [line for line in ours if "SECRET" in line]


def test_a_crash_leaves_its_traceback_and_not_its_path(client, caplog):
    client.raise_request_exception = False
    assert client.get("/crash/SECRET-KEY").status_code == 500
    lines = "\n".join(logs.JsonFormatter().format(record) for record in caplog.records)
    assert "ZeroDivisionError" in lines
    assert "SECRET-KEY" not in lines


def test_a_request_keeps_a_decent_id_and_loses_a_wild_one(client):
    kept = client.get("/keys/x", headers={"x-request-id": "order-4711-retry"})
    assert kept["X-Request-ID"] == "order-4711-retry"
    wild = client.get("/keys/x", headers={"x-request-id": "a b <script>"})
    assert wild["X-Request-ID"].isalnum()


def test_a_device_call_leaves_early_and_is_rendered(client, settings):
    settings.DEVICE_CALLS = [("GET", "/device")]
    early = client.get("/device")
    settings.DEVICE_CALLS = []
    ordinary = Client().get("/device")
    assert (early.status_code, early.content) == (403, b"rendered")
    assert (ordinary.status_code, ordinary.content) == (early.status_code, early.content)
    # The content policy is written by a middleware that device calls never reach.
    assert "Content-Security-Policy" not in early
    assert "Content-Security-Policy" in ordinary


def test_another_method_on_a_device_path_takes_the_ordinary_way(client, settings):
    settings.DEVICE_CALLS = [("POST", "/device")]
    assert "Content-Security-Policy" in client.get("/device")


def test_nothing_but_these_stands_before_device_entry(settings):
    ahead = settings.MIDDLEWARE[
        : settings.MIDDLEWARE.index("licensing_portal.middleware.DeviceEntry")
    ]
    assert [name.rpartition(".")[2] for name in ahead] == [
        "RequestId",
        "SecurityMiddleware",
        "CommonMiddleware",
    ]
