"""Benchmarks of whole commands beside a floor taken in the same run; see README.md."""
