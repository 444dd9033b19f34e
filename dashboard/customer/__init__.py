"""The parts of a customer's page, a module for each part."""
