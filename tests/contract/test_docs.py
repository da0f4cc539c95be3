"""The OpenAPI document and the page that shows it."""

import re

import pytest
from django.core.management import call_command

from tests.contract.document import document
from tests.contract.routes import ROUTES


def test_the_document_is_drawn_without_a_warning(tmp_path):
    file = tmp_path / "schema.yaml"
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(file))
    assert "openapi: 3.1.0" in file.read_text()


def test_the_document_is_served_to_everybody():
    assert document()["openapi"].startswith("3.1")
    named = {
        operation["operationId"]
        for path in document()["paths"].values()
        for operation in path.values()
    }
    # What the existing client calls its methods.
    assert named >= {
        "getLicenses", "getLicense", "getLicenseByKey", "createLicense", "updateLicense",
        "renewLicense", "suspendLicense", "revokeLicense", "transferLicense", "getActivations",
        "getActivation", "getTemplates", "getTemplate", "createTemplate", "updateTemplate",
        "duplicateTemplate",
    }  # fmt: skip


@pytest.mark.django_db
def test_the_page_asks_nobody_but_us_and_its_policy_lets_it(client):
    page = client.get("/api/licensing/docs/")
    text = page.content.decode()
    assert not re.findall(r"(?:src|href)=\"(?:https?:)?//", text)
    policy = page["Content-Security-Policy"]
    assert "style-src 'self' 'unsafe-inline'" in policy
    assert "img-src 'self' data:" in policy
    assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>", text)


def test_every_operation_says_what_it_does_and_for_whom():
    paths = document()["paths"]
    for (method, path), route in ROUTES.items():
        operation = paths[f"/api/licensing{path}"][method.lower()]
        assert operation["summary"].endswith("."), path
        assert f"`{route.scope}`" in operation["description"], path
