-- The auditor acknowledged an alert.
UPDATE alert SET acknowledged_by = (SELECT id FROM app_user WHERE email LIKE 'auditor@%') WHERE acknowledged_at IS NOT NULL
