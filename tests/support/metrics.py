"""Metrics in Prometheus' text format, as numbers."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families


def numbers_of(text: str) -> dict[str, float]:
    """The metrics, by their names and labels."""
    return {
        " ".join(
            [sample.name, *(f"{name}={value}" for name, value in sorted(sample.labels.items()))]
        ): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
