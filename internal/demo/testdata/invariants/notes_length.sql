-- DOMAIN 3.3: notes of HOLD and FAIL, and the reasons of holds, have at least 10 characters after trimming; reasons for which a
-- run is held, resumed or aborted 10 to 500.
SELECT 'decision' AS kind, id FROM qc_decision WHERE decision <> 'PASS' AND coalesce(char_length(btrim(notes)), 0) < 10
UNION ALL
SELECT 'hold', id FROM hold WHERE char_length(btrim(reason)) < 10 OR char_length(btrim(end_reason)) < 10
UNION ALL
SELECT 'run', id FROM run WHERE char_length(btrim(status_reason)) NOT BETWEEN 10 AND 500 OR status IN ('HOLD', 'ABORTED') AND status_reason IS NULL
UNION ALL
SELECT 'transformation', id FROM transformation WHERE voided_at IS NOT NULL AND coalesce(char_length(btrim(void_reason)), 0) < 10
