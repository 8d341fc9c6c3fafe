"""Other people's files, made combinations and damaged ones through the conversion."""
