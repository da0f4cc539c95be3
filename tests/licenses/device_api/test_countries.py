"""Countries of callers: by the file of addresses where there is one, else by their word."""

import pytest
from mmdb_writer import MMDBWriter
from netaddr import IPSet

from licenses.models import Activation
from tests.factories import issue

pytestmark = pytest.mark.django_db


def only_in(country: str) -> list[dict[str, object]]:
    return [{"restriction_type": "GEOGRAPHIC", "operator": "ALLOW", "values": [country]}]


@pytest.fixture
def addresses(tmp_path, settings) -> None:
    """A file of addresses: 192.0.2.0/24 lies in Germany, 2001:db8::/32 in Greece."""
    writer = MMDBWriter(6, "Test-Country", languages=["en"], ipv4_compatible=True)
    writer.insert_network(IPSet(["192.0.2.0/24"]), {"country": {"iso_code": "DE"}})
    writer.insert_network(IPSet(["2001:db8::/32"]), {"registered_country": {"iso_code": "GR"}})
    writer.to_db_file(str(tmp_path / "countries.mmdb"))
    settings.GEOIP_FILE = str(tmp_path / "countries.mmdb")


@pytest.mark.usefixtures("addresses")
@pytest.mark.parametrize(
    ("address", "allowed", "passed", "detail"),
    [
        ("192.0.2.7", "DE", True, None),
        ("::ffff:192.0.2.7", "DE", True, None),
        ("192.0.2.7", "AT", False, "not among the allowed"),
        ("2001:db8::1", "EL", True, None),
        ("10.0.0.7", "AT", False, "not known of this address"),
        ("203.0.113.9", "AT", False, "not known of this address"),
    ],
)
def test_with_a_file_of_addresses_nobodys_word_counts(call, address, allowed, passed, detail):
    issued = issue(restrictions=only_in(allowed))
    body = {"license_key": issued.key, "country": "AT"}

    told = call("validate", body, REMOTE_ADDR=address).json()["data"]
    taken = call("activations", body | {"device_fingerprint": "d"}, REMOTE_ADDR=address)

    check = next(check for check in told["checks"] if check["name"] == "restriction:geographic")
    assert (check["passed"], check.get("detail")) == (passed, detail)
    assert taken.status_code == (201 if passed else 403)
    if passed:
        assert Activation.objects.get().country == {"DE": "DE", "EL": "GR"}[allowed]


def test_without_a_file_the_check_says_that_it_is_the_callers_word(call) -> None:
    issued = issue(restrictions=only_in("DE"))

    told = call("validate", {"license_key": issued.key, "country": "DE"}).json()["data"]

    check = next(check for check in told["checks"] if check["name"] == "restriction:geographic")
    assert check == {
        "name": "restriction:geographic", "passed": True, "detail": "as stated by the caller",
    }  # fmt: skip
