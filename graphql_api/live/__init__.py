"""Live answers: who waits for the next publication, over WebSockets and as server-sent events.

What belongs here: waiting, and the two protocols. What does not: executing (``execution``).
"""
