"""What things cost; import models from here."""

from orders.models.pricing import Pricing, VolumeDiscount

__all__ = ["Pricing", "VolumeDiscount"]
