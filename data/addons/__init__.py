"""Add-ons being set up: what is kept of them, and what the network says."""
