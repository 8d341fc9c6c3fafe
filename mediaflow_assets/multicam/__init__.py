"""Several cameras of one take: synced by their sound, cut by who speaks. A command, never part of a run."""
