"""Restrictions in words."""

import pytest

from licenses.selectors.restricted import restricted_to
from licenses.terms import Operator, RestrictionType
from tests.factories import issue, make_template

pytestmark = pytest.mark.django_db
VALUES = {
    "GEOGRAPHIC": "DE", "DOMAIN": "a.example", "IP_RANGE": "10.0.0.0/8",
    "MAC_ADDRESS": "00:1a:2b:3c:4d:5e", "HARDWARE_ID": "board-77",
    "TIME_BASED": "Mon 08:00-18:00 UTC",
}  # fmt: skip


def test_every_kind_and_operator_has_words_of_its_own() -> None:
    rows = [
        {"restriction_type": kind.value, "operator": operator.value, "values": [VALUES[kind]]}
        for kind in RestrictionType
        for operator in Operator
    ]
    lines = restricted_to(issue(restrictions=rows).license)

    assert len({str(line.text) for line in lines}) == 12
    assert "****77" in lines[-3].values
    assert not any(VALUES["MAC_ADDRESS"] in line.values for line in lines)


def test_rows_of_one_kind_are_read_together() -> None:
    rows = [
        {"restriction_type": "DOMAIN", "operator": "ALLOW", "values": [value]}
        for value in ("a.example", "b.example")
    ]
    (line,) = restricted_to(issue(restrictions=rows).license)
    assert (str(line.text), line.values) == ("Only for these domains", ["a.example", "b.example"])


def test_what_the_first_device_will_tie_it_to_is_said() -> None:
    issued = issue(template_id=make_template(bind_on_first_activation="BOTH").pk)
    (line,) = restricted_to(issued.license)
    assert str(line.text) == "The first device ties it to its domain and its hardware"


def test_a_licence_without_any_says_nothing() -> None:
    assert restricted_to(issue().license) == []
