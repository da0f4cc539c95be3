"""The composition root: settings, URLs, the beat table, API conventions."""

from licensing_portal.celery import app as celery_app

__all__ = ["celery_app"]
