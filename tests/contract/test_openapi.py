"""What the OpenAPI document says is what the API does, whatever is sent."""

import zlib
from copy import deepcopy

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.utils import timezone
from hypothesis import HealthCheck
from hypothesis import settings as bounds
from schemathesis.checks import CHECKS as KNOWN
from schemathesis.generation.meta import CoverageScenario

from accounts.services.api_keys import create_api_key
from licensing_portal.wsgi import application
from tests.contract.document import document
from tests.contract.world import World
from tests.factories import STAFF
from tests.kept import kept

schema = schemathesis.openapi.from_dict(document())
schema.app = application
# No document says which tenants and keys there are, or that two fields disagree: what fits it may
# still be refused, as such, and never as unreadable, too large or not for this address.
schema.config.checks.positive_data_acceptance.expected_statuses += ["400", "412"]

LEFT_OFF = {
    # They follow what is made to where it is deleted: nothing is deleted here, and no address is
    # told from which an operation goes on.
    "use_after_free": "there is no DELETE",
    "ensure_resource_availability": "the document links no operations",
    # Two callers of one row each: tests/contract/test_access.py asks every route so.
    "object_level_authorization": "needs a second owner for each row",
}
CHECKS = [KNOWN.get_one(name) for name in KNOWN.get_all_names() if name not in LEFT_OFF]
# Of what is made to reach every corner of the document: all of these, and one in so many others.
ALL_OF = (CoverageScenario.UNSPECIFIED_HTTP_METHOD, CoverageScenario.MISSING_PARAMETER)
ONE_IN = 12
NOT_ASKED_OF_THE_AIMED = KNOWN.get_one("negative_data_rejection")
BOUNDED = bounds(
    max_examples=3,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def the_world(django_db_setup, django_db_blocker):
    with kept(django_db_blocker):
        yield World.make(timezone.now())


@pytest.fixture
def world(the_world, db, settings):
    # Checks of what happens without a key send wrong ones all the time.
    for limit in ("TOKEN", "LICENSE", "API_KEY", "FAILURES"):
        setattr(settings, f"RATE_LIMIT_{limit}", "off")
    # A request's end would close the connection that holds this test's rows.
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    yield deepcopy(the_world)
    request_started.connect(close_old_connections)
    request_finished.connect(close_old_connections)


@pytest.fixture
def keys(world):
    """A key of the vendor and one of the tenant; both may everything."""
    given = {"name": "fuzz", "scopes": ["*"], "at": timezone.now(), "origin": STAFF}
    return [create_api_key(tenant=tenant, **given)[1] for tenant in (None, world.tenant)]


def aim(case, known):
    """Put the names of rows that are there where made-up ones stand."""
    case.headers.update({"X-Tenant-ID": known["tenant_id"]})
    case.headers.pop("If-Match", None)
    for named in (case.path_parameters, case.query, case.body):
        if isinstance(named, dict):
            named.update({name: known[name] for name in named.keys() & known.keys()})
    for name in ("filter", "cursor"):
        case.query.pop(name, None)


class _Ids:
    def __init__(self, world):
        self.tenant_id = str(world.tenant.pk)
        self.customer_id = str(world.customer.pk)
        self.product_id = world.product.product_id
        self.feature_id = "reports"
        self.template_id = str(world.template.pk)
        self.license_id = str(world.license.pk)
        self.license_key = world.key
        self.activation_id = str(world.activation.pk)
        self.api_key_id = str(world.api_key.pk)
        self.endpoint_id = str(world.endpoint.pk)
        self.delivery_id = str(world.delivery.pk)


def test_a_check_that_is_left_off_is_one_that_there_is():
    assert LEFT_OFF.keys() < set(KNOWN.get_all_names())


def lot_of(case):
    """A number that a case draws by what it holds, so that each run does the same."""
    drawn = (case.method, case.path, case.path_parameters, case.query, case.headers, case.body)
    return zlib.crc32(repr(drawn).encode("utf-8", "surrogatepass"))


def is_left_out(case):
    """Whether a case is one of very many like it: of those one in so many will do."""
    data = case.meta and case.meta.phase.data
    scenario = getattr(data, "scenario", None)
    return scenario is not None and scenario not in ALL_OF and lot_of(case) % ONE_IN


@schema.parametrize()
@BOUNDED
def test_whatever_any_key_sends_is_answered_as_documented(case, keys, world):
    if is_left_out(case):
        return
    checks = list(CHECKS)
    # Half of it goes to rows that are there, as far as they can be named.
    if lot_of(case) // ONE_IN % 2:
        aim(case, vars(_Ids(world)))
        # What was wrong with it may have been a name.
        checks.remove(NOT_ASKED_OF_THE_AIMED)
    elif "" in case.query.values():
        # What is empty is not asked for, whatever it would have to be.
        checks.remove(NOT_ASKED_OF_THE_AIMED)
    case.headers.pop("Authorization", None)
    for key in keys:
        case.call_and_validate(headers={"Authorization": f"Bearer {key}"}, checks=checks)
