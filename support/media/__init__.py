"""Media of known truth as other people's encoders write it, and how a master is compared with its source."""
