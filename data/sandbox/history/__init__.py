"""A believable past for the sandbox: a business, its customers and what they did."""
