"""Frames with the stored answer of the reference shot detector."""
