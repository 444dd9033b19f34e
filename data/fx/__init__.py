"""Exchange rates: what one currency is worth in another, month by month, as finance keeps it."""
