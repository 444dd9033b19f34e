"""Every change made at Stripe: a command, its preview, its handler, its audit entry."""
