"""What the page of receivables is made of."""
