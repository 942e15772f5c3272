-- One row a table or view of core, mart and meta, but for this one and meta.audits: how many rows it was built with.
SELECT table_name, is_view, row_count
FROM build.tables
ORDER BY table_name
