"""Videos of known truth, and measures of a conversion."""
