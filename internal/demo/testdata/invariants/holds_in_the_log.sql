-- DOMAIN 3 (12): whoever holds, releases or rejects a lot stands in the site's audit log, with the reason.
SELECT 'hold' AS of, h.id FROM hold h
WHERE NOT EXISTS (SELECT FROM audit_event a WHERE a.site_id = h.site_id AND a.subject_id = h.lot_id AND a.action = 'HOLD_LOT'
                  AND a.user_id = h.held_by AND a.occurred_at = h.held_at AND a.reason = h.reason)
UNION ALL
SELECT 'end', h.id FROM hold h
WHERE h.ended_at IS NOT NULL
  AND NOT EXISTS (SELECT FROM audit_event a WHERE a.site_id = h.site_id AND a.subject_id = h.lot_id
                  AND a.action = CASE h.outcome WHEN 'RELEASED' THEN 'RELEASE_LOT' ELSE 'REJECT_LOT' END
                  AND a.user_id = h.ended_by AND a.occurred_at = h.ended_at AND a.reason = h.end_reason)
