-- One row a return that the publication was built from, with the batch of the lake that holds its last check.
SELECT return_id, sha256, file_name, batch_number AS batch
FROM stage.returns
ORDER BY sequence
