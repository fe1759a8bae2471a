-- An answer is missing.
UPDATE qc_decision SET answers = answers - 0 WHERE id = (SELECT id FROM qc_decision WHERE jsonb_array_length(answers) > 1 ORDER BY id LIMIT 1)
