"""Where invoices go, as it is sent and shown."""

from rest_framework import serializers

from accounts.api.shapes import Shown, Text


class Address(serializers.Serializer):
    line1 = Text(required=False, max_length=200, allow_blank=True)
    line2 = Text(required=False, max_length=200, allow_blank=True)
    city = Text(required=False, max_length=100, allow_blank=True)
    region = Text(required=False, max_length=100, allow_blank=True)
    postal_code = Text(required=False, max_length=20, allow_blank=True)
    country = Text(required=False, max_length=2, allow_blank=True)


class AddressShown(Shown):
    line1 = serializers.CharField(required=False)
    line2 = serializers.CharField(required=False)
    city = serializers.CharField(required=False)
    region = serializers.CharField(required=False)
    postal_code = serializers.CharField(required=False)
    country = serializers.CharField(required=False)
