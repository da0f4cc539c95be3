"""The WSGI application that any server serves: `gunicorn licensing_portal.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "licensing_portal.settings")

application = get_wsgi_application()
