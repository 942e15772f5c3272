-- One row a decision about returns that the publication was built with, in force or not, and the file that holds it.
SELECT files.decision, files.path, files.sha256
FROM build.decision_files AS files
JOIN core.decisions AS decisions USING (decision)
ORDER BY files.decision
