"""The believable portal of a vendor that does not exist, to look at and to try things on."""
