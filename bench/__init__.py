"""Benchmarks, one module each: `make bench` runs them all, `make bench ARGS=sync` one."""
