"""What is said: an offline transcript, its words joined with speakers and faces, captions, search."""
