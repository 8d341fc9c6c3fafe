"""The web application: reports, review and projects, on this machine only."""
