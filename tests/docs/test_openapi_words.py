"""Every operation of the OpenAPI document says in its own words what it is."""

import pytest
from django.test import Client

from licensing_portal.api.words import TERMS


@pytest.mark.django_db
def test_no_operation_speaks_in_the_words_of_a_base_class():
    paths = Client().get("/api/licensing/schema/").json()["paths"]
    operations = [operation for path in paths.values() for operation in path.values()]
    assert len(operations) > 40
    assert not [one for one in operations if "An operation" in one.get("description", "")]
    assert not [one for one in operations if "Read the body" in one.get("description", "")]
    for part in ("summary", "description"):
        assert [one["operationId"] for one in operations if not one.get(part)] == []


@pytest.mark.django_db
def test_every_term_says_what_it_means():
    parts = Client().get("/api/licensing/schema/").json()["components"]["schemas"]
    for name in ("TemplateGivenRequest", "TemplateShown", "LicenseIssueRequest", "LicenseShown"):
        fields = parts[name]["properties"]
        silent = [term for term in TERMS.keys() & fields if not fields[term].get("description")]
        assert silent == [], name
    taken = {
        **parts["TemplateGivenRequest"]["properties"],
        **parts["LicenseIssueRequest"]["properties"],
    }
    assert TERMS.keys() <= taken.keys()
