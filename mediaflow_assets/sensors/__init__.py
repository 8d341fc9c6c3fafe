"""What starts runs: the webhook, the inbox, the calendar."""
