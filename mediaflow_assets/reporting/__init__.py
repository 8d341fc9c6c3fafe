"""Reports and timelines for people."""
