"""The sandbox over HTTP: lists, objects, expansion, errors, idempotency, and controls of its own."""
