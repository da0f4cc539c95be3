"""Whatever goes wrong under /api/ is told in one form."""

import ast
import re
from pathlib import Path

import pytest
from django.test import Client, override_settings

from events.refusals import Refusal
from licensing_portal.api import errors
from licensing_portal.api.codes import CODES
from tests import factories

ROOT = Path(__file__).resolve().parents[2]


def assert_told(response, status, code):
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/json"
    body = response.json()
    assert body["code"] == body["error"]["code"] == code
    assert body["message"] == body["error"]["message"]
    assert isinstance(body["error"]["details"], dict)
    assert body["timestamp"].endswith("Z")
    assert body["trace_id"] == response["X-Request-ID"]
    return body


@pytest.mark.parametrize(("body", "status", "code"), [
    (b"", 400, "VALIDATION_ERROR"),
    (b"{", 400, "MALFORMED_JSON"),
    (b"\xff\xfe", 400, "MALFORMED_JSON"),
    (b"NaN", 400, "MALFORMED_JSON"),
    (b'{"name": NaN}', 400, "MALFORMED_JSON"),
    (b"[]", 400, "VALIDATION_ERROR"),
    (b'"text"', 400, "VALIDATION_ERROR"),
    (b"null", 400, "VALIDATION_ERROR"),
    (b'{"name": "a\\u0000b"}', 400, "VALIDATION_ERROR"),
    (b'{"name": "\\ud800"}', 400, "VALIDATION_ERROR"),
    (b'{"a\\u0000": 1}', 400, "VALIDATION_ERROR"),
    (b'{"n": 9223372036854775808}', 400, "VALIDATION_ERROR"),
    (b'{"n": 1e999}', 400, "VALIDATION_ERROR"),
    (b'{"n": ' + b"9" * 5000 + b"}", 400, "MALFORMED_JSON"),
    (b"[" * 40 + b"]" * 40, 400, "VALIDATION_ERROR"),
    (b"[" * 200_000 + b"]" * 200_000, 400, "MALFORMED_JSON"),
    (b'{"name": "' + b"x" * 1024 * 1024 + b'"}', 413, "BODY_TOO_LARGE"),
    (b"x" * 3 * 1024 * 1024, 413, "BODY_TOO_LARGE"),
])  # fmt: skip
def test_a_body_that_cannot_be_is_refused(vendor, body, status, code):
    assert_told(vendor.post("/tenants", body), status, code)


@pytest.mark.parametrize(("method", "path", "status", "code"), [
    ("GET", "/nothing/here", 404, "NOT_FOUND"),
    ("GET", "/tenants/not-a-uuid", 404, "TENANT_NOT_FOUND"),
    ("GET", "/tenants/0190b0c4-0000-7000-8000-000000000000", 404, "TENANT_NOT_FOUND"),
    ("GET", "/products/none", 404, "PRODUCT_NOT_FOUND"),
    ("GET", "/products/a%00b", 404, "NOT_FOUND"),
    ("GET", "/licenses/%00", 404, "NOT_FOUND"),
    ("DELETE", "/tenants", 405, "METHOD_NOT_ALLOWED"),
    ("PATCH", "/tenants/x", 405, "METHOD_NOT_ALLOWED"),
    ("OPTIONS", "/tenants", 405, "METHOD_NOT_ALLOWED"),
    ("GET", "/tenants?search=%00", 400, "VALIDATION_ERROR"),
    ("GET", "/tenants?page=%00", 400, "VALIDATION_ERROR"),
])  # fmt: skip
def test_an_address_that_leads_nowhere_is_told_so(vendor, method, path, status, code):
    body = assert_told(vendor(method, path), status, code)
    if status in (400, 404):
        assert body["message"].startswith({400: "Bad Request: ", 404: "Not Found: "}[status])


def test_a_joined_address_names_the_methods_it_takes(vendor):
    assert vendor("DELETE", "/tenants")["Allow"] == "GET, POST"


def test_another_content_type_is_refused(vendor):
    response = vendor.client.post(
        "/api/licensing/tenants", b"a=1", content_type="text/plain", headers=vendor.headers
    )
    assert_told(response, 415, "UNSUPPORTED_MEDIA_TYPE")


def test_json_is_answered_whatever_is_accepted(vendor):
    assert vendor.get("/tenants", Accept="text/html").status_code == 200


@pytest.mark.parametrize("debug", [True, False])
def test_what_never_reaches_a_view_is_told_in_json_too(db, debug):
    client = Client(raise_request_exception=False)
    with override_settings(DEBUG=debug):
        assert_told(client.get("/api/"), 404, "NOT_FOUND")
        assert_told(client.get("/api/elsewhere?x=1"), 404, "NOT_FOUND")
        assert_told(
            client.get("/api/licensing/tenants", headers={"host": "evil.example"}),
            400, "BAD_REQUEST",
        )  # fmt: skip


def test_a_doubled_slash_is_served_like_a_single_one(vendor):
    factories.make_tenant(code="BRENNER")
    response = vendor.client.generic(
        "GET", "/", PATH_INFO="//api/licensing/tenants", headers=vendor.headers
    )
    assert [row["code"] for row in response.json()["data"]] == ["BRENNER"]
    nowhere = vendor.client.generic("GET", "/", PATH_INFO="//api/nothing")
    assert_told(nowhere, 404, "NOT_FOUND")


def test_an_unexpected_fault_tells_nothing_of_itself(vendor, monkeypatch, caplog):
    def fail(*args, **kwargs):
        raise RuntimeError("password=hunter2")

    monkeypatch.setattr("accounts.api.tenants.rows_of", fail)
    response = vendor.get("/tenants")
    assert_told(response, 500, "INTERNAL_ERROR")
    assert b"hunter2" not in response.content
    assert "hunter2" in caplog.text


def test_field_errors_are_named_by_their_path(vendor):
    tenant = factories.make_tenant()
    given = {"tenant_id": str(tenant.pk), "name": "", "billing_address": {"city": 5}}
    body = assert_told(vendor.post("/customers", given), 400, "VALIDATION_ERROR")
    assert body["error"]["details"].keys() == {"name", "email", "billing_address.city"}


def codes_raised():
    """Every code that the product's own source raises."""
    found = set()
    for app in ("events", "accounts", "licenses", "orders", "compliance", "licensing_portal"):
        for path in (ROOT / app).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {
                    "Refusal", "Missing",
                }:  # fmt: skip
                    found |= {
                        arg.value for arg in node.args[:1]
                        if isinstance(arg, ast.Constant) and re.fullmatch("[A-Z_]+", arg.value)
                    }  # fmt: skip
    return found


def test_every_code_that_is_raised_stands_in_the_table():
    assert {"LICENSE_NOT_FOUND", "SCOPE_REQUIRED"} <= codes_raised()
    assert not codes_raised() - CODES.keys()


ACTIONS = {
    "activate", "renew", "pay", "wait", "free_device", "check_key", "upgrade", "use_offline",
    "contact_vendor", "sign_in_again", "none",
}  # fmt: skip


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_code_has_a_meaning_that_clients_know(code, rf):
    assert CODES[code].next_action in ACTIONS
    assert CODES[code].message.endswith(".")
    response = errors.answer(rf.get("/"), Refusal(code))
    assert response.status_code == CODES[code].status
