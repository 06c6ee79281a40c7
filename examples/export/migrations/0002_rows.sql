-- In every table: extra holds what the API sent and this schema does not know,
-- seen_in the reading that saw the row last, and deleted_at when it was missed.

CREATE TABLE tenants (
  tenant_uid       TEXT PRIMARY KEY,
  name             TEXT NOT NULL,
  vat_number       TEXT NOT NULL,
  country_code     TEXT NOT NULL,
  language_code    TEXT NOT NULL,
  timezone         TEXT NOT NULL,
  pricelist_uid    TEXT NOT NULL,
  currency         JSONB NOT NULL,
  settings         JSONB NOT NULL,
  app_settings     JSONB NOT NULL,
  assets           JSONB NOT NULL,
  extensions       JSONB NOT NULL,
  created_at       TIMESTAMPTZ,
  last_modified_at TIMESTAMPTZ,
  extra            JSONB,
  seen_in          BIGINT NOT NULL,
  deleted_at       TIMESTAMPTZ
);

CREATE TABLE users (
  tenant_uid        TEXT NOT NULL,
  tenant_user_uid   TEXT NOT NULL,
  account_type      TEXT NOT NULL,
  status            TEXT NOT NULL,
  tenant_role       TEXT NOT NULL,
  user_code         TEXT NOT NULL,
  external_id       TEXT NOT NULL,
  display_name      TEXT NOT NULL,
  firstname         TEXT NOT NULL,
  lastname          TEXT NOT NULL,
  email             TEXT NOT NULL,
  mobile            TEXT NOT NULL,
  language_code     TEXT NOT NULL,
  default_store_uid TEXT NOT NULL,
  last_accessed     TIMESTAMPTZ,
  created_at        TIMESTAMPTZ,
  last_modified_at  TIMESTAMPTZ,
  extra             JSONB,
  seen_in           BIGINT NOT NULL,
  deleted_at        TIMESTAMPTZ,
  PRIMARY KEY (tenant_uid, tenant_user_uid)
);

-- The API has no list of stores: these are the ones that a user has access to,
-- or permissions in.
CREATE TABLE stores (
  tenant_uid        TEXT NOT NULL,
  store_uid         TEXT NOT NULL,
  name              TEXT NOT NULL,
  organization_uid  TEXT NOT NULL,
  organization_name TEXT NOT NULL,
  extra             JSONB,
  seen_in           BIGINT NOT NULL,
  deleted_at        TIMESTAMPTZ,
  PRIMARY KEY (tenant_uid, store_uid)
);

CREATE TABLE store_access (
  tenant_uid       TEXT NOT NULL,
  tenant_user_uid  TEXT NOT NULL,
  store_uid        TEXT NOT NULL,
  store_access_uid TEXT NOT NULL,
  store_role       TEXT NOT NULL,
  created_at       TIMESTAMPTZ,
  last_modified_at TIMESTAMPTZ,
  extra            JSONB,
  seen_in          BIGINT NOT NULL,
  deleted_at       TIMESTAMPTZ,
  PRIMARY KEY (tenant_uid, tenant_user_uid, store_uid, store_access_uid)
);

-- scope is tenant, store or organization, and scope_uid which one.
CREATE TABLE permissions (
  tenant_uid      TEXT NOT NULL,
  tenant_user_uid TEXT NOT NULL,
  scope           TEXT NOT NULL,
  scope_uid       TEXT NOT NULL,
  permission      TEXT NOT NULL,
  seen_in         BIGINT NOT NULL,
  deleted_at      TIMESTAMPTZ,
  PRIMARY KEY (tenant_uid, tenant_user_uid, scope, scope_uid, permission)
);

CREATE TABLE subscribers (
  tenant_uid        TEXT NOT NULL,
  store_uid         TEXT NOT NULL,
  subscriber_uid    TEXT NOT NULL,
  tenant_user_uid   TEXT NOT NULL,
  subscription_type TEXT NOT NULL,
  subscription_name TEXT NOT NULL,
  created_at        TIMESTAMPTZ,
  created_by        TEXT NOT NULL,
  extra             JSONB,
  seen_in           BIGINT NOT NULL,
  deleted_at        TIMESTAMPTZ,
  PRIMARY KEY (tenant_uid, store_uid, subscriber_uid)
);

CREATE INDEX users_by_external_id ON users (external_id);
