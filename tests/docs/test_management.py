"""What docs/api/management.md says of keys, lists, writes and licences is so."""

import json
import re
import uuid

import pytest
from django.test import Client
from django.urls import resolve
from django.utils import timezone

from accounts.services.api_keys import create_api_key
from events.trail import SYSTEM
from tests.engines import BASE_DIR
from tests.factories import make_customer, make_template

pytestmark = pytest.mark.django_db
PAGE = (BASE_DIR / "docs" / "api" / "management.md").read_text()
TYPED = "application/json"


@pytest.fixture
def api():
    _, key = create_api_key(name="docs", scopes=["*"], at=timezone.now(), origin=SYSTEM)
    return Client(headers={"authorization": f"Bearer {key}"})


def test_the_licence_of_the_example_is_issued_once_however_often_it_is_sent(api):
    example = re.search(r"-H 'Idempotency-Key: (\S+)' \\\n +-d '(.*?)'", PAGE)
    body = json.loads(example[2]) | {
        "template_id": str(make_template().pk),
        "customer_id": str(make_customer().pk),
    }
    headers = {"idempotency-key": example[1]}
    first = api.post("/api/licensing/licenses", body, content_type=TYPED, headers=headers)
    again = api.post("/api/licensing/licenses", body, content_type=TYPED, headers=headers)
    assert (first.status_code, again.json()) == (201, first.json())
    other = body | {"issued_to": "Somebody else"}
    reused = api.post("/api/licensing/licenses", other, content_type=TYPED, headers=headers)
    assert (reused.status_code, reused.json()["code"]) == (409, "IDEMPOTENCY_KEY_REUSED")

    path = f"/api/licensing/licenses/{first.json()['data']['id']}"
    read = api.get(path)
    assert read.json()["data"]["license_key"].startswith("****")
    stale = {"if-match": read.headers["ETag"]}
    changed = api.put(path, {"max_activations": 5}, content_type=TYPED, headers=stale)
    assert changed.status_code == 200
    late = api.put(path, {"max_activations": 6}, content_type=TYPED, headers=stale)
    assert (late.status_code, late.json()["code"]) == (412, "STALE_REVISION")


def test_the_list_of_the_example_answers_in_the_shape_that_is_shown(api):
    make_customer(name="Brenner, Oslo")
    shown = json.loads(re.search(r"```json\n(\{\"data\": \[.*?)```", PAGE, re.DOTALL)[1])
    query = re.search(r"/customers\?(\S+?)\"", PAGE)[1]
    answer = api.get(f"/api/licensing/customers?{query}").json()
    assert [row["name"] for row in answer["data"]] == ["Brenner, Oslo"]
    assert shown["pagination"].keys() == answer["pagination"].keys()
    assert shown["meta"].keys() <= answer["meta"].keys()


def test_a_write_that_needs_a_tenant_says_so(api):
    answer = api.post(
        "/api/licensing/licenses",
        {"template_id": str(make_template().pk), "issued_to": "x"},
        content_type=TYPED,
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "TENANT_REQUIRED")


def test_every_call_of_the_table_has_an_address():
    cells = re.findall(r"^\| `(GET|PUT|POST) (/licenses/\{id\}\S*?)`(?:, (`.*?))? \|", PAGE, re.M)
    assert len(cells) >= 8
    for _, first, others in cells:
        base = first.rpartition("/")[0]
        for path in [first, *(base + more for more in re.findall(r"`(/\S+?)`", others))]:
            assert resolve("/api/licensing" + path.replace("{id}", str(uuid.UUID(int=0))))
