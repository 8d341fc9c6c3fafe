"""Probing, converting and decoding video."""
