"""Reading, converting, verifying and decoding video."""
