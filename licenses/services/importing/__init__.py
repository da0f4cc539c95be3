"""Importing licences from a file: read, checked and written a chunk at a time, each fault told."""

from licenses.services.importing.chunks import Fault, Progress, import_licenses
from licenses.services.importing.files import Unreadable, rows_of

__all__ = ["Fault", "Progress", "Unreadable", "import_licenses", "rows_of"]
