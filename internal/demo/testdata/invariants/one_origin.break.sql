-- A transformation is voided without a replacement.
UPDATE transformation SET voided_at = recorded_at, void_reason = 'Recorded by mistake'
WHERE id = (SELECT id FROM transformation WHERE kind = 'SPLIT' ORDER BY id LIMIT 1)
