-- One row an audit that the publication was put through before it could be published, and what it found.
SELECT audit, description, passed, offending_rows
FROM build.audits
ORDER BY audit
