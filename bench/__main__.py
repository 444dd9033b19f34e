"""python -m bench [NAME ...]: run the benchmarks and print what they measure."""

import sys
from importlib import import_module
from pathlib import Path

NAMES = sorted(file.stem for file in Path(__file__).parent.glob("[a-z]*.py"))


def main(wanted: list[str]) -> None:
    """Run the wanted benchmarks, or all."""
    unknown = set(wanted) - set(NAMES)
    if unknown:
        sys.exit(f"There is no benchmark {', '.join(sorted(unknown))}: choose from {', '.join(NAMES)}.")
    for name in wanted or NAMES:
        import_module(f"bench.{name}").main()


if __name__ == "__main__":
    main(sys.argv[1:])
