"""One transcription engine per file; their table is in ``transcripts/registry.py``."""
