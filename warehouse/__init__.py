"""The catalog, the lake, the SQL models and the publications."""
