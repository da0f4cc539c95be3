"""The conventions of the HTTP API; they reach views through the REST_FRAMEWORK settings."""
