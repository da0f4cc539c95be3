import os
import runpy
from types import SimpleNamespace

import pytest

from licensing_portal.environment import SECRETS
from tests.engines import BASE_DIR


@pytest.fixture
def production(tmp_path, monkeypatch):
    """Gives the settings of a production start with the given variables and no others."""

    def read(**variables):
        environment = {
            "PATH": os.environ["PATH"],
            "ENV_FILE": os.devnull,
            "VAR_DIR": str(tmp_path),
            **{name: make() for name, make in SECRETS.items()},
            **variables,
        }
        for name in os.environ.keys() - environment.keys():
            monkeypatch.delenv(name)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        return SimpleNamespace(**runpy.run_path(str(BASE_DIR / "licensing_portal" / "settings.py")))

    return read


def test_https_in_the_public_address_makes_cookies_secure(production):
    for scheme, secure in {"https": True, "http": False}.items():
        found = production(PUBLIC_URL=f"{scheme}://l.example.com")
        assert found.SESSION_COOKIE_SECURE is found.CSRF_COOKIE_SECURE is secure
        assert (found.SECURE_HSTS_SECONDS > 0) is secure
        assert found.DEBUG is False


def test_without_services_everything_lives_in_var_dir(production, tmp_path):
    found = production()
    assert found.DATABASES["default"]["NAME"] == str(tmp_path / "portal.sqlite3")
    assert found.CACHES["default"]["LOCATION"] == str(tmp_path / "cache")
    assert found.CELERY_BROKER_URL.startswith("filesystem:")


def test_postgresql_and_redis_take_over_when_named(production):
    found = production(DATABASE_URL="postgresql://portal:x@db/portal", REDIS_URL="redis://redis/0")
    database = found.DATABASES["default"]
    assert database["ENGINE"] == "django.db.backends.postgresql"
    options = {"options": "-c statement_timeout=30000", "prepare_threshold": 2}
    assert database["OPTIONS"] == options
    assert found.CELERY_BROKER_URL == "redis://redis/0"


def test_a_pooler_gets_no_prepared_statements(production):
    url = "postgresql://portal:x@db/portal"
    found = production(DATABASE_URL=url, PREPARE_THRESHOLD="off")
    assert found.DATABASES["default"]["OPTIONS"]["prepare_threshold"] is None


def test_cors_is_absent_until_origins_are_named(production):
    found = production()
    assert not any("cors" in name for name in found.MIDDLEWARE)
    assert found.CORS_ALLOWED_ORIGINS == []
    found = production(CORS_ORIGINS="https://app.example.com")
    assert any("cors" in name for name in found.MIDDLEWARE)
    assert found.CORS_ALLOWED_ORIGINS == ["https://app.example.com"]
