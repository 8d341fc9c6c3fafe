"""Who speaks when: reading sound, diarization engines, the audio document."""
