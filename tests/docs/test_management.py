"""What docs/api/management.md says of keys, lists, writes and licences is so, and terms.md."""

import json
import re
import shlex
import uuid

import pytest
from django.test import Client
from django.urls import resolve
from django.utils import timezone

from accounts.services.api_keys import create_api_key
from events.trail import SYSTEM
from licenses.models import License
from licenses.services.templates import create_template
from licenses.terms import LicenseModel, LicenseType
from tests.engines import BASE_DIR
from tests.factories import (
    activate,
    issue,
    make_customer,
    make_product,
    make_template,
    make_tenant,
)

pytestmark = pytest.mark.django_db
PAGE, TERMS = (
    (BASE_DIR / "docs" / "api" / name).read_text() for name in ("management.md", "terms.md")
)
TYPED = "application/json"
KEPT = re.compile(r"^(\w+)=\$\((call .*) \| jq -r \.data\.(\w+)\)$", re.DOTALL)


@pytest.fixture
def api():
    _, key = create_api_key(name="docs", scopes=["*"], at=timezone.now(), origin=SYSTEM)
    return Client(headers={"authorization": f"Bearer {key}"})


def calls(page=PAGE):
    """Yield each call of a page as a shell would read it, with the name its id is kept under."""
    for block in re.findall(r"```sh\n(.*?)```", page, re.DOTALL):
        command = ""
        for line in block.splitlines():
            command += line
            if command.count("'") % 2:
                command += "\n"
                continue
            kept = KEPT.match(command)
            if kept:
                yield kept[2], kept[1]
            elif command.startswith("call "):
                yield command, ""
            command = ""


def run(api, page, known):
    """Make the calls of a page one after the other; return their statuses."""
    statuses = []
    for command, kept in calls(page):
        filled = re.sub(r"\$([A-Z]+)", lambda name: known[name[1]], command)
        method, address, body, headers = "GET", "", None, {}
        words = iter(shlex.split(filled)[1:])
        for word in words:
            if word == "-d":
                body = next(words)
                method = "POST" if method == "GET" else method
            elif word == "-X":
                method = next(words)
            elif word == "-H":
                name, _, value = next(words).partition(": ")
                headers[name.lower()] = value
            else:
                address = word
        answer = api.generic(method, address, body or "", content_type=TYPED, headers=headers)
        said = answer.getvalue() if answer.streaming else answer.content
        assert answer.status_code in (200, 201), (command, said)
        statuses.append(answer.status_code)
        if kept:
            known[kept] = answer.json()["data"]["id"]
    return statuses


def test_the_calls_of_the_pages_work_one_after_the_other(api):
    make_tenant(code="BRENNER")
    known = {"BASE": "/api/licensing"}
    statuses = run(api, PAGE, known)
    assert known.keys() == {"BASE", "TEMPLATE", "CUSTOMER", "LICENSE", "ORDER"}
    assert statuses.count(201) == 9
    assert len(statuses) > 20
    assert run(api, TERMS, known) == [201, 201, 201, 201, 200, 201, 201, 200]
    owned = License.objects.get(pk=known["OWNED"])
    assert f"{owned.maintenance_expiry:%Y-%m-%d}" == "2029-01-01"


def test_every_kind_of_licence_is_issued_and_takes_a_device(api):
    product = make_product(product_id="contour")
    rows = re.findall(r"^\| [^|]+ \| `([A-Z_]+)` \| `([A-Z_]+)`(?:, `([A-Z_]+)`)? \|", TERMS, re.M)
    kinds = [(row[0], model) for row in rows for model in row[1:] if model]
    assert len(kinds) == 10
    assert {kind for kind, _ in kinds} == set(LicenseType)
    assert {model for _, model in kinds} == set(LicenseModel)
    for kind, model in kinds:
        fields = {"template_name": "T", "license_type": kind, "license_model": model}
        template = create_template(product=product, fields=fields, at=timezone.now(), origin=SYSTEM)
        key = issue(template_id=template.pk, license_type=None, license_model=None).key
        activate(key, f"{kind} {model}", at=timezone.now(), user_identity="vik@brenner.example")


def test_a_licence_is_issued_once_however_often_it_is_sent(api):
    body = {
        "template_id": str(make_template().pk),
        "customer_id": str(make_customer().pk),
        "issued_to": "Oslo office",
    }
    headers = {"idempotency-key": "order-4711"}
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
