"""What can be done at the sandbox beyond setting fields: Stripe's rules and words, the engine's effects."""
