"""What operators see of the server: metrics, logs, traces.

What belongs here: counting and telling. What does not: what happens.
"""
