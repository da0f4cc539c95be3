import json
import os
import subprocess
import sys

import pytest

from licensing_portal.environment import SECRETS

SHOW = (
    "import json; from licensing_portal import settings as s; print(json.dumps([{}], default=str))"
)


@pytest.fixture
def production(tmp_path):
    """Answers what a setting is in a production start with the given variables."""

    def show(expression, **variables):
        environment = {
            "PATH": os.environ["PATH"],
            "ENV_FILE": os.devnull,
            "VAR_DIR": str(tmp_path),
            **{name: make() for name, make in SECRETS.items()},
            **variables,
        }
        command = [sys.executable, "-c", SHOW.format(expression)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return show


def test_https_in_the_public_address_makes_cookies_secure(production):
    asked = "s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_HSTS_SECONDS > 0, s.DEBUG"
    assert production(asked, PUBLIC_URL="https://l.example.com") == [True, True, True, False]
    assert production(asked, PUBLIC_URL="http://l.example.com") == [False, False, False, False]


def test_without_services_everything_lives_in_var_dir(production, tmp_path):
    database, cache, broker = production(
        "s.DATABASES['default']['NAME'], s.CACHES['default']['LOCATION'], s.CELERY_BROKER_URL"
    )
    assert database == str(tmp_path / "portal.sqlite3")
    assert cache == str(tmp_path / "cache")
    assert broker.startswith("filesystem:")


def test_postgresql_and_redis_take_over_when_named(production):
    found = production(
        "s.DATABASES['default']['ENGINE'], s.DATABASES['default']['OPTIONS'], s.CELERY_BROKER_URL",
        DATABASE_URL="postgresql://portal:x@db/portal",
        REDIS_URL="redis://redis/0",
    )
    options = {"options": "-c statement_timeout=30000", "prepare_threshold": 2}
    assert found == ["django.db.backends.postgresql", options, "redis://redis/0"]


def test_a_pooler_gets_no_prepared_statements(production):
    asked = "s.DATABASES['default']['OPTIONS']['prepare_threshold'],"
    url = "postgresql://portal:x@db/portal"
    assert production(asked, DATABASE_URL=url, PREPARE_THRESHOLD="off") == [None]


def test_cors_is_absent_until_origins_are_named(production):
    asked = "any('cors' in name for name in s.MIDDLEWARE), s.CORS_ALLOWED_ORIGINS"
    assert production(asked) == [False, []]
    origin = "https://app.example.com"
    assert production(asked, CORS_ORIGINS=origin) == [True, [origin]]
