"""HTTP around GraphQL: media types, parameters, status codes.

What belongs here: all that would be otherwise over another transport. What does not: GraphQL (``execution``).
"""
