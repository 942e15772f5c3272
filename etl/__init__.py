"""The Dagster code location and the intake of returns."""
