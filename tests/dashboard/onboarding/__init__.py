"""Tests of how add-ons are set up on their page."""
