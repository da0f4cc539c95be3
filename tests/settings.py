"""The portal's settings with what only tests need; the engine was chosen by tests/engines.py."""

from licensing_portal.settings import *  # noqa: F403
from licensing_portal.settings import BASE_DIR, DATABASES, STORAGES, VAR_DIR
from tests.engines import ENGINE, checkout

# A file, not memory: threads would meet "database table is locked", and WAL would never be tried.
# On PostgreSQL the name carries the checkout, so that several can be tested at once.
DATABASES["default"]["TEST"] = {
    "NAME": str(VAR_DIR / "test.sqlite3") if ENGINE == "sqlite" else f"test_{checkout(BASE_DIR)}"
}
# No test takes away the machine's power, so none waits for its disk.
_options = DATABASES["default"]["OPTIONS"]
if ENGINE == "postgresql":
    _options["options"] += " -c synchronous_commit=off"
else:
    _options["init_command"] += " PRAGMA synchronous=OFF;"

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# Roots of databases that a test's end takes back; theirs would pile up beside the real one.
ROOTS_DIR = VAR_DIR / "test_roots"
