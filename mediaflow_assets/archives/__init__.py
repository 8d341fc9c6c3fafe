"""Opening archives from strangers: recognised by content, extracted safely and whole, or refused."""
