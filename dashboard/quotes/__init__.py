"""Enterprise quotes: fields as typed, what they mean, which rules they break, what they come to."""
