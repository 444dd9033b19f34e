"""What the page of reconciliation is made of."""
