"""python -m dashboard: a module a command, each a function that Typer turns into options and help."""
