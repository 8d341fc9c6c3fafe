"""All measurements in one style: ``python -m benchmarks`` lists them, ``python -m benchmarks NAME …`` runs one.

``python -m benchmarks NAME --help`` says what it needs. Results, with the machine they came from, are in
``benchmarks/results``.
"""

from __future__ import annotations

import ast
import runpy
import sys
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent


def benchmarks() -> Iterator[tuple[str, str]]:
    """Name and first line of every module that can be run."""
    for file in sorted(HERE.rglob("*.py")):
        text = file.read_text(encoding="utf-8")
        parts = file.relative_to(HERE).with_suffix("").parts
        runs = 'if __name__ == "__main__":' in text
        if parts == ("__main__",) or not runs:
            continue
        name = ".".join(parts).removesuffix(".__main__")
        yield name, (ast.get_docstring(ast.parse(text)) or "").partition("\n")[0]


def main(arguments: list[str]) -> int:
    known = dict(benchmarks())
    if not arguments:
        width = max(map(len, known))
        for name, summary in known.items():
            print(f"{name:{width}}  {summary}")
        return 0
    name, *rest = arguments
    if name not in known:
        print(f"{name} is no benchmark; choose from: {', '.join(known)}", file=sys.stderr)
        return 2
    sys.argv = [f"python -m benchmarks {name}", *rest]
    runpy.run_module(f"benchmarks.{name}", run_name="__main__", alter_sys=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
