"""Shot boundaries: from frames to a scenes CSV."""
