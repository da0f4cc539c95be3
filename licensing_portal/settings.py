"""
Django's settings, read from the environment: `.env.example` names and explains every variable.

Only what differs between installations is a variable; the rest is decided here.
"""

from pathlib import Path

import environ
from corsheaders.defaults import default_headers

from licensing_portal import connections, logs, theme
from licensing_portal.api import options
from licensing_portal.environment import CannotStart, read_secrets, ring, signing_ring, stated

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
# What the environment already says wins over the file.
env.read_env(env("ENV_FILE", default=str(BASE_DIR / ".env")))

# What this installation is ------------------------------------------------------------------

DEBUG = env.bool("DEBUG", default=False)
PORT = env.int("PORT", default=8000)
PUBLIC_URL = env("PUBLIC_URL", default=f"http://localhost:{PORT}").rstrip("/")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
# The vendor as customers know it, and where they write when a page cannot help them.
VENDOR_NAME = env("VENDOR_NAME", default="Licensing Portal")
VENDOR_EMAIL = env("VENDOR_EMAIL", default="licensing@localhost")
# Two letters; businesses elsewhere in the EU account for the tax of a vendor in the EU themselves.
VENDOR_COUNTRY = env("VENDOR_COUNTRY", default="").upper()
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=[])
# A file of addresses and countries in MaxMind's format; without it a caller's word is all we have.
GEOIP_FILE = env("GEOIP_FILE", default="")
# What Prometheus sends as its bearer; without it /metrics is there with DEBUG only.
METRICS_TOKEN = stated("METRICS_TOKEN")
VAR_DIR = Path(env("VAR_DIR", default=str(BASE_DIR / "var"))).resolve()
HTTPS = PUBLIC_URL.startswith("https://")
# Where the key is that vouches for all signing keys: `embedded`, encrypted in a file under VAR_DIR,
# or `offline`, on a machine that is not this server.
SIGNING_ROOT = env("SIGNING_ROOT", default="embedded")
ROOTS_DIR = VAR_DIR / "roots"
# Opens the root's file where that is: on the machine that is not this server.
SIGNING_ROOT_PASSPHRASE = stated("SIGNING_ROOT_PASSPHRASE")

try:
    VAR_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
except OSError as error:
    raise CannotStart(f"VAR_DIR cannot be made: {error}") from None

secrets = read_secrets(VAR_DIR, debug=DEBUG)
SECRET_KEY = secrets["SECRET_KEY"]
# Newest first: the first makes new values, the others still read old ones.
DIGEST_KEYS = ring(secrets["DIGEST_KEY"])
ENCRYPTION_KEYS = ring(secrets["ENCRYPTION_KEYS"])
TOKEN_KEYS = ring(secrets["TOKEN_KEYS"])

# Apps ---------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "unfold",  # before the admin, whose templates it replaces
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "corsheaders",
    "csp",
    "django_htmx",
    "events",
    "accounts",
    "licenses",
    "orders",
    "compliance",
    "licensing_portal",
]

# Nothing else may stand before DeviceEntry: every device call pays for it.
CORS_ORIGINS = env.list("CORS_ORIGINS", default=[])
MIDDLEWARE = [
    "licensing_portal.middleware.RequestId",
    *(["corsheaders.middleware.CorsMiddleware"] if CORS_ORIGINS else []),
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
    "licensing_portal.middleware.DeviceEntry",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.SecondFactorAtAdmin",
    "licensing_portal.middleware.ContentSecurityPolicy",
    "licensing_portal.middleware.BodyLimit",
    "django_htmx.middleware.HtmxMiddleware",
]

# (method, literal path) of the calls that DeviceEntry answers.
DEVICE_CALLS = [
    ("POST", f"/api/licensing/{call}")
    for call in (
        "activations",
        "activations/validate",
        "activations/deactivate",
        "activations/heartbeat",
        "validate",
        "status",
        "usage/consume",
        "usage/release",
        "usage/report",
        "feature-flags",
    )
]

ROOT_URLCONF = "licensing_portal.urls"
WSGI_APPLICATION = "licensing_portal.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# Data ---------------------------------------------------------------------------------------

DATABASE_URL = stated("DATABASE_URL") or f"sqlite:///{VAR_DIR / 'portal.sqlite3'}"
PREPARE_THRESHOLD = env("PREPARE_THRESHOLD", default="2")
REDIS_URL = stated("REDIS_URL")
DATABASES = {
    "default": connections.database(DATABASE_URL, prepare_threshold=PREPARE_THRESHOLD),
}
CACHES = {"default": connections.cache(REDIS_URL, VAR_DIR)}

# Jobs: the beat table stands in licensing_portal/celery.py -----------------------------------

CELERY_BROKER_URL = REDIS_URL or "filesystem://localhost"
CELERY_BROKER_TRANSPORT_OPTIONS = {} if REDIS_URL else connections.queue_of_files(VAR_DIR)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TIME_LIMIT = 600
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat")

# People and sign-in -------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
_validators = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{_validators}.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": f"{_validators}.UserAttributeSimilarityValidator"},
    {"NAME": f"{_validators}.CommonPasswordValidator"},
]
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# Strangers get no mail from us; the page says the same whether an address is known or not.
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
MFA_ADAPTER = "accounts.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
# Addresses are given by staff and owners, so there is nothing to confirm first.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = VENDOR_NAME

# The web ------------------------------------------------------------------------------------

CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "object-src": ["'none'"],
    }
}
# The admin's theme writes inline styles and evaluates expressions; nobody but staff is there.
ADMIN_CSP = {
    "script-src": ["'self'", "'unsafe-inline'", "'unsafe-eval'"],
    "style-src": ["'self'", "'unsafe-inline'"],
    "img-src": ["'self'", "data:"],
}
PERMISSIONS_POLICY = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
# Bodies beyond these are refused unread; a file that staff import may be larger.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1_000
DATA_UPLOAD_MAX_NUMBER_FILES = 5
MAX_UPLOAD_BYTES = 9 * 1024 * 1024
CORS_ALLOWED_ORIGINS = CORS_ORIGINS
CORS_URLS_REGEX = r"^/(api|\.well-known)/"
CORS_ALLOW_HEADERS = [
    *default_headers,
    "idempotency-key",
    "if-match",
    "x-api-version",
    "x-tenant-id",
]
CORS_EXPOSE_HEADERS = ["etag", "retry-after", "x-request-id", "x-signature"]
CORS_EXPOSE_HEADERS += [f"ratelimit-{part}" for part in ("limit", "remaining", "reset")]

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [folder for folder in [BASE_DIR / "static"] if folder.is_dir()]
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = DEBUG
_static_in_debug = "django.contrib.staticfiles.storage.StaticFilesStorage"
_static_compressed = "whitenoise.storage.CompressedManifestStaticFilesStorage"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": _static_in_debug if DEBUG else _static_compressed},
}
MEDIA_ROOT = VAR_DIR / "media"

REST_FRAMEWORK = options.REST_FRAMEWORK
SPECTACULAR_SETTINGS = options.SPECTACULAR_SETTINGS

# `20/min` form; `off` switches one off.
RATE_LIMIT_TOKEN = env("RATE_LIMIT_TOKEN", default="60/min")
RATE_LIMIT_LICENSE = env("RATE_LIMIT_LICENSE", default="600/min")  # and 6 per seat besides
RATE_LIMIT_API_KEY = env("RATE_LIMIT_API_KEY", default="1200/min")
RATE_LIMIT_FAILURES = env("RATE_LIMIT_FAILURES", default="20/min")

# Networks inside one's own house that webhooks may reach, also without TLS; none by default.
WEBHOOK_NETWORKS = [text.strip() for text in env.list("WEBHOOK_NETWORKS", default=[])]

# Whoever holds one of these may tell us of payments; none: nobody may.
SIGNED_GATEWAY_SECRETS = signing_ring("SIGNED_GATEWAY_SECRETS", stated("SIGNED_GATEWAY_SECRETS"))

# The rest -----------------------------------------------------------------------------------

LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", "English")]
FORMAT_MODULE_PATH = ["licensing_portal.formats"]
USE_TZ = True
TIME_ZONE = "UTC"
LOCALE_PATHS = [BASE_DIR / "locale"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

vars().update(env.email_url_config(stated("EMAIL_URL") or "consolemail://"))
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default=VENDOR_EMAIL)
EMAIL_TIMEOUT = 20  # seconds, of each step of a talk with the mail server
# A mail that delivers a licence holds its key instead of a link that shows it once.
MAIL_LICENSE_KEYS = env.bool("MAIL_LICENSE_KEYS", default=False)

LOGGING = logs.configuration(env("LOG_LEVEL", default="INFO"), readable=DEBUG)
UNFOLD = theme.UNFOLD
