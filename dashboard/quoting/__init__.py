"""What the pages of quotes are made of: forms, figures, states, papers."""
