"""What the start leaves behind."""

import gc

from django.apps import apps


def test_garbage_is_sought_again_once_everything_is_loaded() -> None:
    gc.disable()
    try:
        apps.get_app_config("licensing_portal").ready()
        assert gc.isenabled()
        assert gc.get_freeze_count() > 0
    finally:
        gc.enable()
