"""Leaving the system running: alerts, health, the remote trigger, the doctor."""
