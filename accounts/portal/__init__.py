"""The portal's door: who comes in, to which organisation, as what."""
