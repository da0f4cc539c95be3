"""Webhooks out: endpoints, handing events to them, sending, and sending again."""
