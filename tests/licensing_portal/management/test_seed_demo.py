"""`seed_demo` fills an empty database and touches no other."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from accounts.models import User
from licenses.models import License
from licensing_portal.demo import story
from tests.factories import make_tenant

pytestmark = pytest.mark.django_db


def test_sign_ins_are_written_for_this_user_only_and_work(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DEBUG, settings.VAR_DIR = True, tmp_path
    # The same demo with fewer of each kind: three hundred take seconds.
    lives = story.all_lives
    monkeypatch.setattr(story, "all_lives", lambda rng, thinned: lives(rng, thinned=100))
    call_command("seed_demo", verbosity=0)
    written = tmp_path / "demo.json"
    demo = json.loads(written.read_text())
    assert written.stat().st_mode & 0o777 == 0o600
    staff = User.objects.get(email=demo["staff_email"])
    assert staff.is_superuser
    assert staff.check_password(demo["staff_password"])
    member = User.objects.get(email=demo["customer_email"])
    assert member.check_password(demo["customer_password"])
    assert member.memberships.get().tenant.code == demo["tenant_code"]


def test_a_database_that_holds_tenants_is_refused(settings: Settings) -> None:
    settings.DEBUG = True
    make_tenant()
    with pytest.raises(CommandError, match="empty one"):
        call_command("seed_demo")
    call_command("seed_demo", once=True)
    assert not License.objects.exists()


def test_made_up_sign_ins_are_refused_outside_debug(settings: Settings) -> None:
    settings.DEBUG = False
    with pytest.raises(CommandError, match="DEBUG is off"):
        call_command("seed_demo")
    assert not User.objects.exists()
