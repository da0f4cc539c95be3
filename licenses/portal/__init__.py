"""The customer's pages about licences and devices."""
