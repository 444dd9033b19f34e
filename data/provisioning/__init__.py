"""What the company's own system is told: written with the change, sent until acknowledged."""
