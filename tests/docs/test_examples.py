"""The calls that the docs show are calls that work."""

import json
import re

import pytest
from django.test import Client
from django.utils import timezone

from licenses.models import Feature
from licenses.services.entitlements import FeatureGrant
from tests.engines import BASE_DIR
from tests.factories import issue, make_product

pytestmark = pytest.mark.django_db
PAGES = ["README.md", "docs/api/devices.md"]
CURL = re.compile(
    r"curl -s (?:\$BASE|http://localhost:8000/api/licensing)(/\S+).*?-d '([^']*)'(?:\n| \|)", re.S
)


def calls(page):
    """Each example with `curl -d`: its path and its body as written."""
    text = (BASE_DIR / page).read_text().replace("'$KEY'", "$KEY").replace("'$TOKEN'", "$TOKEN")
    return CURL.findall(text)


@pytest.mark.parametrize("page", PAGES)
def test_the_examples_of_a_page_work_one_after_the_other(page):
    product = make_product(product_id="strata-desktop")
    for name in ("exports", "kriging"):
        Feature.objects.create(product=product, feature_id=name, feature_name=name)
    grants = [FeatureGrant(feature_id="exports")]
    key = issue(product=product, features=grants, at=timezone.now()).key
    client, token = Client(), ""
    found = calls(page)
    assert len(found) >= 2
    for path, body in found:
        filled = re.sub(r"\$KEY|<the printed key>", key, body)
        filled = re.sub(r"\$TOKEN|<the token>", token, filled)
        json.loads(filled)
        answer = client.post(f"/api/licensing{path}", filled, content_type="application/json")
        assert answer.status_code in (200, 201), (path, answer.content)
        data = answer.json()["data"]
        token = data.get("activation_token") or token
    assert token


def test_the_examples_are_found():
    assert [path for path, _ in calls("docs/api/devices.md")] == [
        "/activations",
        "/activations",
        "/activations/validate",
        "/validate",
        "/activations/heartbeat",
        "/usage/consume",
        "/usage/release",
        "/usage/report",
        "/feature-flags",
        "/activations/deactivate",
        "/status",
        "/integrity-check",
        "/security/report-activity",
    ]
