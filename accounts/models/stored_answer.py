"""Answers kept for a while, so that a repeated request is not a second act."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7


class StoredAnswer(models.Model):
    """What one request with an Idempotency-Key was answered."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    credential = models.CharField(max_length=60)
    route = models.CharField(max_length=300)
    key = models.CharField(max_length=255)
    request_digest = models.BinaryField(max_length=32)
    status = models.PositiveSmallIntegerField()
    # Encrypted: the answer that made a licence holds its key.
    body_ciphertext = models.TextField()
    etag = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("stored answer")
        verbose_name_plural = _("stored answers")
        constraints = [
            models.UniqueConstraint(
                fields=["credential", "route", "key"], name="stored_answer_once"
            ),
        ]
        indexes = [
            # Pruned after a day.
            models.Index(fields=["created_at"], name="stored_answer_age"),
        ]

    def __str__(self) -> str:
        return f"{self.route}: {self.status}"
