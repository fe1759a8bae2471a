-- +goose Up
-- The life of a version, whatever statement changes it: DRAFT and REVIEW alternate, REVIEW becomes PUBLISHED, PUBLISHED becomes
-- DEPRECATED. What runs pin never changes, so only a DRAFT is rewritten.
-- +goose StatementBegin
CREATE FUNCTION scenario_lives() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status <> NEW.status AND (OLD.status, NEW.status) NOT IN (
        ('DRAFT', 'REVIEW'), ('REVIEW', 'DRAFT'), ('REVIEW', 'PUBLISHED'), ('PUBLISHED', 'DEPRECATED')
    ) THEN
        RAISE EXCEPTION 'scenario % % is %: it can''t become %', OLD.key, OLD.version, OLD.status, NEW.status
            USING ERRCODE = 'check_violation', CONSTRAINT = 'scenario_status_check', TABLE = 'scenario';
    END IF;
    IF OLD.status <> 'DRAFT' AND (OLD.id, OLD.key, OLD.version, OLD.name, OLD.description, OLD.definition)
        IS DISTINCT FROM (NEW.id, NEW.key, NEW.version, NEW.name, NEW.description, NEW.definition) THEN
        RAISE EXCEPTION 'scenario % % is %: only a DRAFT is rewritten', OLD.key, OLD.version, OLD.status
            USING ERRCODE = 'check_violation', CONSTRAINT = 'scenario_draft_check', TABLE = 'scenario';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER scenario_lives BEFORE UPDATE ON scenario FOR EACH ROW EXECUTE FUNCTION scenario_lives();

-- A draft is rewritten with all its parts. The app changes and deletes none of them but by this, and of nothing but a draft.
-- +goose StatementBegin
CREATE FUNCTION drop_draft_parts(draft uuid) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    PERFORM FROM public.scenario s WHERE s.id = draft AND s.status = 'DRAFT' FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'scenario % is no DRAFT: its parts stay', draft
            USING ERRCODE = 'check_violation', CONSTRAINT = 'scenario_draft_check', TABLE = 'scenario';
    END IF;
    DELETE FROM public.qc_gate_lot_type gt USING public.qc_gate g WHERE g.id = gt.gate_id AND g.scenario_id = draft;
    DELETE FROM public.qc_gate g WHERE g.scenario_id = draft;
    DELETE FROM public.lot_type t WHERE t.scenario_id = draft;
    DELETE FROM public.phase p WHERE p.scenario_id = draft;
    DELETE FROM public.stream s WHERE s.scenario_id = draft;
END $$;
-- +goose StatementEnd
REVOKE EXECUTE ON FUNCTION drop_draft_parts FROM PUBLIC;
GRANT EXECUTE ON FUNCTION drop_draft_parts TO flowviz_app;
REVOKE UPDATE ON stream, phase, lot_type, qc_gate, qc_gate_lot_type FROM flowviz_app;

-- +goose Down
GRANT UPDATE ON stream, phase, lot_type, qc_gate, qc_gate_lot_type TO flowviz_app;
DROP FUNCTION drop_draft_parts;
DROP TRIGGER scenario_lives ON scenario;
DROP FUNCTION scenario_lives;
