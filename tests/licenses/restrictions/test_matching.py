"""Restrictions against callers: what matches, what is unknown, and what adds up."""

from datetime import UTC, datetime, timedelta
from itertools import product

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from licenses.restrictions import CODES, RestrictionFacts, Whereabouts, bound_to, findings
from licenses.restrictions.matching import hint
from licenses.terms import Operator, RestrictionType
from tests.clock import NOW

NOWHERE = Whereabouts()
HERE = Whereabouts(
    country="DE",
    domain="app.example.com",
    address="192.0.2.7",
    mac=frozenset({"aa01"}),
    hardware=frozenset({"bb02"}),
    fingerprint=frozenset({"cc03"}),
)
# Type, a value that matches HERE, one that doesn't.
VALUES = {
    "GEOGRAPHIC": ("DE", "AT"),
    "DOMAIN": ("*.example.com", "example.com"),
    "IP_RANGE": ("192.0.2.0/24", "198.51.100.0/24"),
    "MAC_ADDRESS": ("ff00,aa01|5e5e", "ff00|5e5e"),
    "HARDWARE_ID": ("bb02,ff00|a1b2", "ff00|a1b2"),
    "TIME_BASED": ("Sat 00:00-24:00 UTC", "Sun 00:00-24:00 UTC"),
}


def row(kind: str, operator: str, *values: str) -> RestrictionFacts:
    return RestrictionFacts(kind, operator, values)


def passes(rows: list[RestrictionFacts], caller: Whereabouts = HERE, at: datetime = NOW) -> bool:
    return all(finding.passed for finding in findings(rows, caller, at=at))


@pytest.mark.parametrize("kind", VALUES)
def test_every_type_has_a_code_and_both_operators(kind: str) -> None:
    match, other = VALUES[kind]
    (allowed,) = findings([row(kind, "ALLOW", other)], HERE, at=NOW)
    (denied,) = findings([row(kind, "DENY", match)], HERE, at=NOW)

    assert passes([row(kind, "ALLOW", match)])
    assert passes([row(kind, "DENY", other)])
    assert (allowed.passed, allowed.detail) == (False, "not among the allowed")
    assert (denied.passed, denied.detail) == (False, "denied")
    assert allowed.code == denied.code == CODES[RestrictionType(kind)]


@pytest.mark.parametrize("kind", [kind for kind in VALUES if kind != "TIME_BASED"])
def test_allow_refuses_what_was_left_out_and_deny_does_not(kind: str) -> None:
    match, _ = VALUES[kind]
    (finding,) = findings([row(kind, "ALLOW", match)], NOWHERE, at=NOW)

    assert (finding.passed, finding.detail) == (False, "not stated")
    assert passes([row(kind, "DENY", match)], NOWHERE)


DOMAINS = [
    ("*.example.com", "app.example.com", True),
    ("*.example.com", "a.b.example.com", True),
    ("*.example.com", "example.com", False),
    ("*.example.com", ".example.com", False),
    ("*.example.com", "badexample.com", False),
    ("*.example.com", "example.com.evil.test", False),
    ("example.com", "example.com", True),
    ("example.com", "EXAMPLE.com:8443", True),
    ("example.com", "example.com.", True),
    ("example.com", "app.example.com", False),
    ("xn--mnchen-3ya.example", "München.example", True),
    ("xn--mnchen-3ya.example", "XN--MNCHEN-3YA.example", True),
]


@pytest.mark.parametrize(("value", "domain", "matches"), DOMAINS)
def test_a_wildcard_covers_sub_domains_only(value: str, domain: str, matches: bool) -> None:
    caller = Whereabouts(domain=domain)
    assert passes([row("DOMAIN", "ALLOW", value)], caller) is matches
    assert passes([row("DOMAIN", "DENY", value)], caller) is not matches


@pytest.mark.parametrize(
    ("value", "address", "matches"),
    [
        ("192.0.2.0/24", "192.0.2.255", True),
        ("192.0.2.0/24", "192.0.3.0", False),
        ("192.0.2.0/24", "::ffff:192.0.2.7", True),
        ("2001:db8::/32", "2001:db8:ffff::1", True),
        ("2001:db8::/32", "2001:db9::1", False),
        ("2001:db8::/32", "192.0.2.7", False),
        ("0.0.0.0/0", "2001:db8::1", False),
        ("fe80::/10", "fe80::1%eth0", True),
    ],
)
def test_a_network_holds_an_address_of_its_own_family(
    value: str, address: str, matches: bool
) -> None:
    caller = Whereabouts(address=address)
    assert passes([row("IP_RANGE", "ALLOW", value)], caller) is matches


def test_a_caller_without_an_address_is_in_no_network() -> None:
    for address in ("", "unknown"):
        assert not passes([row("IP_RANGE", "ALLOW", "0.0.0.0/0")], Whereabouts(address=address))


def test_a_device_may_be_meant_by_its_fingerprint() -> None:
    by_fingerprint = [row("HARDWARE_ID", "ALLOW", "cc03|a1b2")]
    silent = msgspec.structs.replace(HERE, hardware=frozenset())

    assert passes(by_fingerprint, silent)
    (finding,) = findings([row("HARDWARE_ID", "ALLOW", "dd|a1b2")], silent, at=NOW)
    assert (finding.passed, finding.detail) == (False, "not stated")


def test_a_country_by_the_callers_word_is_told_as_that() -> None:
    rows = [row("GEOGRAPHIC", "ALLOW", "DE")]
    by_word, by_file = (
        findings(rows, msgspec.structs.replace(HERE, country_stated=stated), at=NOW)[0]
        for stated in (True, False)
    )
    unknown = findings(rows, Whereabouts(country_stated=False), at=NOW)[0]

    assert (by_word.passed, by_word.detail) == (True, "as stated by the caller")
    assert (by_file.passed, by_file.detail) == (True, "")
    assert (unknown.passed, unknown.detail) == (False, "not known of this address")


def test_findings_come_in_the_order_of_the_codes() -> None:
    rows = [row(kind, "ALLOW", VALUES[kind][0]) for kind in reversed(VALUES)]
    assert [finding.code for finding in findings(rows, HERE, at=NOW)] == [*CODES.values()]


def test_one_value_that_is_allowed_is_what_a_licence_is_bound_to() -> None:
    one = [row("DOMAIN", "ALLOW", "a.example"), row("DOMAIN", "DENY", "b.example")]
    assert bound_to(one, "DOMAIN") == "a.example"
    assert bound_to([row("HARDWARE_ID", "ALLOW", "ff|a1b2")], "HARDWARE_ID") == "****a1b2"
    assert bound_to([*one, row("DOMAIN", "ALLOW", "c.example")], "DOMAIN") == ""
    assert bound_to([], "DOMAIN") == ""


# Laws, over any rows and callers. Each is drawn in one go: every draw takes its time.
ROWS = st.lists(
    st.sampled_from(
        [
            row(kind, operator.value, *values)
            for kind in VALUES
            for operator in Operator
            for number in (1, 2)
            for values in product(VALUES[kind], repeat=number)
        ]
    ),
    max_size=6,
)
FIELDS = HERE.__struct_fields__
CALLERS = st.integers(0, 2 ** len(FIELDS) - 1).map(
    lambda known: Whereabouts(
        **{name: getattr(HERE, name) for place, name in enumerate(FIELDS) if known >> place & 1}
    )
)
YEAR = timedelta(days=365) // timedelta(microseconds=1)
MOMENTS = st.integers(0, YEAR).map(
    lambda passed: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(microseconds=passed)
)


@given(ROWS, CALLERS, MOMENTS)
def test_types_are_judged_apart_and_all_must_pass(rows, caller, at) -> None:
    by_type = [[one for one in rows if one.restriction_type == kind] for kind in VALUES]
    assert passes(rows, caller, at) is all(passes(some, caller, at) for some in by_type)


@given(ROWS, CALLERS, MOMENTS)
def test_values_may_stand_in_one_row_or_in_several(rows, caller, at) -> None:
    apart = [
        RestrictionFacts(one.restriction_type, one.operator, (value,))
        for one in rows
        for value in one.values
    ]
    assert findings(rows, caller, at=at) == findings(apart, caller, at=at)


@given(ROWS, CALLERS, MOMENTS, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(rows, caller, at, random) -> None:
    shuffled = random.sample(rows, len(rows))
    assert findings(rows, caller, at=at) == findings(shuffled, caller, at=at)


@given(ROWS, ROWS, CALLERS, MOMENTS)
def test_one_more_denial_never_lets_anybody_in(rows, more, caller, at) -> None:
    denials = [one for one in more if one.operator == Operator.DENY]
    if not passes(rows, caller, at):
        assert not passes(rows + denials, caller, at)


@given(ROWS, CALLERS, MOMENTS)
def test_allowed_and_denied_together_is_denied(rows, caller, at) -> None:
    both = [
        RestrictionFacts(one.restriction_type, operator.value, one.values)
        for one in rows
        for operator in Operator
    ]
    assert not both or not passes(both, caller, at)


@given(ROWS, MOMENTS)
def test_who_says_less_is_never_let_in_by_an_allowance(rows, at) -> None:
    allowances = [one for one in rows if one.operator == Operator.ALLOW]
    if passes(allowances, NOWHERE, at):
        assert passes(allowances, HERE, at)


@pytest.mark.parametrize(
    ("identity", "shown"),
    [("fp-A", "A"), ("abc", ""), ("", ""), (" device-1 ", "-1"), ("x" * 100 + "a1b2", "a1b2")],
)
def test_of_an_identity_a_quarter_is_shown_and_at_most_four_characters(identity, shown):
    assert hint(identity) == shown
