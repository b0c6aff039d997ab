"""What the language model server does with more requests than it can answer; `measure` is the benchmark."""

from tests.benchmarks.overload.overload import measure as measure
