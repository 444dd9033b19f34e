"""What the business that is generated for `run` has beside its subscriptions: quotes, add-ons, changes.

Everything is done by the commands that the pages give, in the order of its days, against the sandbox alone.
"""
