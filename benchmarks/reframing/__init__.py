"""Re-framing, measured side by side with simpler ways to crop."""
