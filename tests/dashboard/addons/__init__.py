"""Tests of the rules of add-ons."""
