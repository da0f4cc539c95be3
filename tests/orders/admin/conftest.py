import pytest
import time_machine

from tests.clock import NOW


@pytest.fixture(autouse=True)
def _now():
    """The admin reads the clock; here it stands still."""
    with time_machine.travel(NOW, tick=False):
        yield
