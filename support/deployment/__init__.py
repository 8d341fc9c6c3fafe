"""deploy/ brought up on this machine with real containers."""
