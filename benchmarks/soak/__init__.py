"""A soak of the whole system; see ``__main__``."""
