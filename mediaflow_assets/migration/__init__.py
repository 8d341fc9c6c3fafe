"""Moving in from the replaced application: what it was told, fetched and analysed, taken over by copying."""
