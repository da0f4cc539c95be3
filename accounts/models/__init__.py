"""People and organisations; import models from here."""

from accounts.models.api_key import ApiKey
from accounts.models.customer import Customer
from accounts.models.membership import Membership
from accounts.models.stored_answer import StoredAnswer
from accounts.models.tenant import Tenant
from accounts.models.user import User

__all__ = ["ApiKey", "Customer", "Membership", "StoredAnswer", "Tenant", "User"]
