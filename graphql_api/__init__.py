"""GraphQL over HTTP: the figures of a publication, as dashboards read them.

What belongs here: names, types and descriptions of the schema, HTTP, limits. What does not: which figures
answer a question and who may see them (``warehouse.reading``).
"""
