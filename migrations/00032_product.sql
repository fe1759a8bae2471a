-- +goose Up
-- What lots are of, as the company sells, makes or buys it: of no single site, as scenarios are. Ended ones stay, and their numbers
-- with them: a GTIN is never given to another product (GS1 General Specifications, section 4.2).
CREATE TABLE product (
    id              uuid    NOT NULL,
    sku             text    NOT NULL,
    gtin            text, -- 14 digits: shorter ones with zeros before
    name            jsonb   NOT NULL, -- {"en": …, "hu": …}
    lot_type        text    NOT NULL, -- a code: the same in all versions of a scenario
    unit            text    NOT NULL,
    unit_weight_kg  numeric(12, 3), -- nominal, of one piece or pack
    shelf_life_days integer,
    allergens       text[]  NOT NULL DEFAULT '{}',
    recipe_version  integer NOT NULL DEFAULT 0, -- the recipe in force; 0 for none
    ended_at        timestamptz,
    CONSTRAINT product_pkey PRIMARY KEY (id),
    CONSTRAINT product_sku_key UNIQUE (sku),
    CONSTRAINT product_gtin_key UNIQUE (gtin),
    CONSTRAINT product_sku_check CHECK (char_length(sku) BETWEEN 1 AND 50),
    CONSTRAINT product_gtin_check CHECK (gtin ~ '^[0-9]{14}$'),
    CONSTRAINT product_unit_check CHECK (unit IN ('KGM', 'EA')),
    CONSTRAINT product_unit_weight_check CHECK (unit_weight_kg > 0),
    CONSTRAINT product_shelf_life_check CHECK (shelf_life_days > 0)
);

-- One version of what a product is made of. A changed recipe is a new version: lots are compared with the one that was in force.
CREATE TABLE product_recipe (
    product_id uuid        NOT NULL,
    version    integer     NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT product_recipe_pkey PRIMARY KEY (product_id, version),
    CONSTRAINT product_recipe_product_fkey FOREIGN KEY (product_id) REFERENCES product (id),
    CONSTRAINT product_recipe_version_check CHECK (version > 0)
);

-- A product, or any lot of a type, with its share of the whole.
CREATE TABLE product_component (
    product_id    uuid          NOT NULL,
    version       integer       NOT NULL,
    sort_order    integer       NOT NULL,
    component_id  uuid,
    lot_type      text,
    share_percent numeric(6, 3) NOT NULL,
    CONSTRAINT product_component_pkey PRIMARY KEY (product_id, version, sort_order),
    CONSTRAINT product_component_recipe_fkey FOREIGN KEY (product_id, version) REFERENCES product_recipe (product_id, version),
    CONSTRAINT product_component_component_fkey FOREIGN KEY (component_id) REFERENCES product (id),
    CONSTRAINT product_component_self_check CHECK (component_id <> product_id),
    CONSTRAINT product_component_what_check CHECK ((component_id IS NULL) <> (lot_type IS NULL)),
    CONSTRAINT product_component_share_check CHECK (share_percent > 0 AND share_percent <= 100)
);
-- What a recipe was is never changed.
GRANT SELECT, INSERT, UPDATE ON product TO flowviz_app;
GRANT SELECT, INSERT ON product_recipe, product_component TO flowviz_app;

ALTER TABLE lot
    ADD COLUMN product_id uuid,
    ADD CONSTRAINT lot_product_fkey FOREIGN KEY (product_id) REFERENCES product (id);

-- +goose Down
ALTER TABLE lot DROP CONSTRAINT lot_product_fkey, DROP COLUMN product_id;
DROP TABLE product_component, product_recipe, product;
