"""Tests of the frames that pages read."""
