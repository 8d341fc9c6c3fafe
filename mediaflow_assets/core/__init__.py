"""What everything stands on: errors, files, time, options, folders. Knows nothing of video or Dagster."""
