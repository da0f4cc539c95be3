"""Bodies that nobody should read: too long, of no length, of another kind."""

import contextlib
import http.client
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from licenses.admin.importing import MOST_BYTES
from licenses.device_api.bodies import MAX_BYTES as MAX_OF_DEVICES
from licensing_portal.api.parsing import MAX_BYTES
from tests.contract.test_errors import assert_told
from tests.journeys.served import Served
from tests.staff import signed_in

DEVICE, MANAGEMENT = "/api/licensing/validate", "/api/licensing/tenants"


def sent(path, content, content_type="application/json", **meta):
    client = Client(raise_request_exception=False)
    return client.generic("POST", path, content, content_type=content_type, **meta)


def form_of(fields):
    """A form of many parts, as a browser sends it."""
    parts = [f'--x\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n1\r\n' for n in fields]
    return "".join([*parts, "--x--\r\n"]).encode()


FORM = "multipart/form-data; boundary=x"


@pytest.mark.parametrize(("path", "most"), [(DEVICE, MAX_OF_DEVICES), (MANAGEMENT, MAX_BYTES)])
@pytest.mark.parametrize("content_type", ["application/json", FORM])
def test_a_body_over_the_limit_is_refused_before_anybody_asks_who_sent_it(path, most, content_type):
    assert_told(sent(path, b"x" * (most + 1), content_type), 413, "BODY_TOO_LARGE")


def test_a_body_without_its_length_is_not_taken_for_an_empty_one():
    for path in (DEVICE, MANAGEMENT):
        chunked = {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}
        told = assert_told(sent(path, b"{}", **chunked), 400, "VALIDATION_ERROR")
        assert "Content-Length" in told["error"]["details"]["body"][0]


@pytest.mark.parametrize(("kind", "content"), [
    ("multipart/form-data", b"without a boundary"),
    (FORM, form_of(range(1_001))),
    (FORM, form_of(range(6)).replace(b'"\r\n\r\n', b'"; filename="f"\r\n\r\n')),
], ids=["no form", "too many fields", "too many files"])  # fmt: skip
@pytest.mark.django_db
def test_a_form_is_refused_to_staff_without_being_read(kind, content):
    staff = signed_in(superuser=True)
    # What protects from forged requests would look for its token in the form.
    staff.handler.enforce_csrf_checks = True
    staff.cookies["csrftoken"] = "a" * 32
    response = staff.generic("POST", MANAGEMENT, content, content_type=kind)
    assert_told(response, 415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize("content", [
    form_of(range(1_001)),
    form_of(range(6)).replace(b'"\r\n\r\n', b'"; filename="f"\r\n\r\n'),
], ids=["too many fields", "too many files"])  # fmt: skip
@pytest.mark.django_db
def test_a_page_refuses_a_form_of_more_parts_than_any_page_has(content):
    assert sent("/accounts/login/", content, FORM).status_code == 400


@pytest.mark.django_db
def test_a_page_refuses_what_is_too_large_in_its_own_look():
    response = sent("/accounts/login/", b"x" * (MAX_BYTES + 1), FORM)
    assert response.status_code == 413
    assert "That was too large" in response.content.decode()


@pytest.mark.django_db
def test_staff_import_files_that_a_form_may_not_hold_and_no_larger_ones(settings):
    staff = signed_in("licenses:write", "licenses:read")
    page = "/admin/licenses/license/import/"
    line = b"license_key,tenant\r\n"
    file = SimpleUploadedFile("l.csv", line.ljust(MAX_BYTES * 2, b" "))
    assert staff.post(page, {"file": file, "dry_run": "on"}).status_code == 200
    assert settings.MAX_UPLOAD_BYTES > MOST_BYTES
    too_large = SimpleUploadedFile("l.csv", line.ljust(settings.MAX_UPLOAD_BYTES, b" "))
    assert staff.post(page, {"file": too_large, "dry_run": "on"}).status_code == 413


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A real server, without a database: whatever is refused here is refused before one."""
    portal = Served(tmp_path_factory.mktemp("bodies"), DEBUG="1")
    portal.start()
    yield portal
    portal.stop()


def over_the_wire(served, path, content, **headers):
    """Send it and give the answer; a number is the length of a body that never comes."""
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=30)
    try:
        if isinstance(content, int):
            connection.request("POST", path, headers={**headers, "Content-Length": str(content)})
        else:
            # What is refused before all of it was sent is answered, and then hung up on.
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                connection.request("POST", path, content, headers)
        answer = connection.getresponse()
        return answer.status, answer.headers, json.loads(answer.read())
    finally:
        connection.close()


@pytest.mark.parametrize(("path", "content", "headers", "status", "code"), [
    (DEVICE, [b'{"license_key": "x"}'], {}, 400, "VALIDATION_ERROR"),
    (DEVICE, [b"x" * 1024] * 65, {}, 400, "VALIDATION_ERROR"),
    (MANAGEMENT, [b'{"name": "x"}'], {}, 400, "VALIDATION_ERROR"),
    (DEVICE, MAX_OF_DEVICES + 1, {}, 413, "BODY_TOO_LARGE"),
    (DEVICE, 10**12, {"Content-Type": FORM}, 413, "BODY_TOO_LARGE"),
    (MANAGEMENT, 10**12, {"Content-Type": FORM}, 413, "BODY_TOO_LARGE"),
    (MANAGEMENT, form_of("a"), {"Content-Type": FORM}, 401, "AUTHENTICATION_REQUIRED"),
], ids=range(7))  # fmt: skip
def test_a_real_server_answers_such_bodies_in_json(served, path, content, headers, status, code):
    # A list is sent in chunks, which tell no length.
    chunks = iter(content) if isinstance(content, list) else content
    given, told, body = over_the_wire(served, path, chunks, **headers)
    assert (given, body["code"]) == (status, code)
    assert told["Content-Type"] == "application/json"
    assert told["X-Content-Type-Options"] == "nosniff"
    # Its name at most, never a version.
    assert told.get("Server", "granian") == "granian"
