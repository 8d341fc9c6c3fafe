"""One diarization engine per file; their table is in ``speech/diarization.py``."""
