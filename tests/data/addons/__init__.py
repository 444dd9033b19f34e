"""Tests of what is kept of add-ons and what the network says."""
