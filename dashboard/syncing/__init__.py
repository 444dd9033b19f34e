"""What Data health shows of the sync and does with it."""
