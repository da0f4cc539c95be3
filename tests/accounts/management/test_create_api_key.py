from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import ApiKey
from accounts.services.api_keys import find_api_key
from tests import factories
from tests.clock import NOW

pytestmark = pytest.mark.django_db


def run(*arguments):
    out = StringIO()
    call_command("create_api_key", *arguments, stdout=out)
    return out.getvalue().splitlines()


def test_the_last_line_is_the_key_alone():
    tenant = factories.make_tenant(code="BRENNER")
    lines = run("crm", "--tenant", "BRENNER", "--scopes", "licenses:read, events:read")
    key = find_api_key(plain=lines[-1], at=NOW)
    assert key.tenant == tenant
    assert key.scopes == ["licenses:read", "events:read"]


@pytest.mark.parametrize("arguments", [
    ["crm", "--tenant", "NOBODY"],
    ["crm", "--scopes", "licenses:fly"],
    ["crm", "--expires-in", "0"],
    ["crm", "--expires-in", "999999999"],
])  # fmt: skip
def test_a_key_that_cannot_be_is_refused_in_one_line(arguments):
    with pytest.raises(CommandError):
        run(*arguments)
    assert not ApiKey.objects.exists()


def test_an_unknown_scope_is_answered_with_those_there_are():
    with pytest.raises(CommandError, match=r"Unknown: licence:write\. Known are \*, licenses:read"):
        run("crm", "--scopes", "licence:write")
