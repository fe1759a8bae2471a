-- Of the demo alone:
-- The demo shows what a plant may meet: a lot that is still held though all of it was used, with exposed lots that left and
-- that are there; a decision that supersedes another; lots rejected; alerts of each kind, acknowledged and not.
SELECT 'no open hold on a consumed lot' AS fault WHERE NOT EXISTS (SELECT FROM hold h JOIN lot l ON l.id = h.lot_id WHERE h.ended_at IS NULL AND l.status = 'CONSUMED' AND l.held)
UNION ALL
SELECT 'no exposed lot ' || s FROM unnest(ARRAY['RELEASED', 'CONSUMED', 'SHIPPED']) s
WHERE NOT EXISTS (SELECT FROM exposure e JOIN lot l ON l.id = e.lot_id WHERE e.ended_at IS NULL AND e.reason = 'HOLD' AND l.status::text = s)
UNION ALL
SELECT 'nothing is exposed to a rejected lot' WHERE NOT EXISTS (SELECT FROM exposure WHERE reason = 'REJECTED' AND ended_at IS NULL)
UNION ALL
SELECT 'nothing is superseded' WHERE NOT EXISTS (SELECT FROM qc_decision WHERE supersedes_id IS NOT NULL AND lot_id IS NULL)
    OR NOT EXISTS (SELECT FROM qc_decision WHERE supersedes_id IS NOT NULL AND lot_id IS NOT NULL)
UNION ALL
SELECT 'no rejected lot' WHERE NOT EXISTS (SELECT FROM lot WHERE status = 'REJECTED')
UNION ALL
SELECT 'no alert ' || k FROM unnest(ARRAY['QC_HOLD', 'QC_FAIL', 'YIELD_OUT_OF_BAND', 'CHECK_MISSED']) k WHERE NOT EXISTS (SELECT FROM alert WHERE kind::text = k)
UNION ALL
SELECT 'all alerts or none acknowledged' WHERE (SELECT count(DISTINCT acknowledged_at IS NULL) FROM alert) < 2
UNION ALL
SELECT 'not about 5,000 lots' WHERE (SELECT count(*) FROM lot) NOT BETWEEN 4500 AND 5500
