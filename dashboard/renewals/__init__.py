"""What the page of renewals is made of."""
