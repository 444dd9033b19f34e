"""Is a text one SELECT that only reads? Decided from its words outside quotes and comments."""

import re

_TOKENS = re.compile(
    r"""
      (?P<skip>  --[^\n]* | /\*.*?\*/ )                       # comments
    | (?P<quote> '(?:[^']|'')*' | "(?:[^"]|"")*" | \$(?P<tag>\w*)\$.*?\$(?P=tag)\$ )
    | (?P<end>   ; )
    | (?P<word>  [a-z_]\w* )
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_COMMENTS = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
WRITING = frozenset(("insert", "update", "delete", "merge", "into"))
"""Words that change something although the statement begins as a SELECT does."""


def objection(sql: str) -> str | None:
    """Why a text is not one read-only SELECT, as the rest of a sentence; None when it is."""
    words = [match["word"].lower() for match in _TOKENS.finditer(sql) if match["word"]]
    if not words or words[0] not in ("select", "with"):
        return "must begin with SELECT or WITH"
    if _COMMENTS.sub("", sql[len(only(sql)) + 1 :]).strip():
        return "must be a single statement"
    written = [word for word in words if word in WRITING]
    if written:
        return (
            f"must only read, but contains {written[0].upper()} (a column of that name needs double quotes)"
        )
    return None


def only(sql: str) -> str:
    """A statement without the semicolon that ends it, and what comes after."""
    ends = (match.start() for match in _TOKENS.finditer(sql) if match["end"])
    return sql[: next(ends, len(sql))]
