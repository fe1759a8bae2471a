-- DOMAIN 4: a MANAGER releases and rejects; to hold is everybody's who works there. AUDITOR and VIEWER write nothing.
SELECT 'ends a hold' AS fault, u.email FROM hold h JOIN app_user u ON u.id = h.ended_by
WHERE NOT EXISTS (SELECT FROM membership m WHERE m.user_id = u.id AND m.site_id = h.site_id AND m.role IN ('MANAGER', 'ADMIN'))
UNION ALL
SELECT 'writes', u.email FROM app_user u
WHERE (u.email LIKE 'auditor@%' OR u.email LIKE 'viewer@%')
  AND (EXISTS (SELECT FROM lot WHERE registered_by = u.id) OR EXISTS (SELECT FROM qc_decision WHERE decided_by = u.id)
       OR EXISTS (SELECT FROM hold WHERE u.id IN (held_by, ended_by)) OR EXISTS (SELECT FROM run WHERE operator_id = u.id)
       OR EXISTS (SELECT FROM alert WHERE acknowledged_by = u.id))
