-- One row a file of the lake that the publication was built from, the last check of each return.
SELECT path, bytes
FROM build.lake_files
ORDER BY path
