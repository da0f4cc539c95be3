"""British dates with a clock of 24 hours, in the admin as in the portal."""

DATE_FORMAT = "j M Y"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = "j M Y, H:i"
