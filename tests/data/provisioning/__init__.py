"""Tests of data.provisioning."""
