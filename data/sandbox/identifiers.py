"""Ids that look like Stripe's and are the same again for the same seed."""

import hashlib

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_LENGTH = 16


def identifier(prefix: str, salt: str, number: int) -> str:
    """The number-th id of a salt: the prefix (such as "sub_1"; an underscore is added where it has none)
    and 16 letters and digits.
    """
    left = int.from_bytes(hashlib.blake2b(f"{salt}:{number}".encode(), digest_size=16).digest())
    letters = []
    for _ in range(_LENGTH):
        left, place = divmod(left, 62)
        letters.append(_ALPHABET[place])
    return (prefix if "_" in prefix else f"{prefix}_") + "".join(letters)
