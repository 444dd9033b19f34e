"""Events sent to the addresses that asked for them: signed, tried again, and wrong where one asks for it."""
