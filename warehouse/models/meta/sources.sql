-- One row a return that the publication was built from, with the batch of the lake that holds its last check, and the
-- version of catalog and code that checked it.
SELECT
    returns.return_id,
    returns.sha256,
    CASE WHEN coalesce(landed.redacted, FALSE) THEN landed.landed_sha256 ELSE returns.sha256 END AS landed_sha256,
    returns.file_name,
    returns.batch_number AS batch,
    checked.check_version
FROM stage.returns AS returns
JOIN lake.returns AS checked USING (return_id)
JOIN landing.returns AS landed USING (return_id)
ORDER BY returns.sequence
