"""Addresses of a tenant's own pages, below /t/<code>/."""

from django.urls import path

from accounts.portal.emails import EmailsPage

urlpatterns = [path("e-mails/", EmailsPage.as_view(), name="emails")]
