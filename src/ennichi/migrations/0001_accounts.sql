-- People who sign in, and how they do it.

create table accounts (
    id text collate "C" primary key,
    name text not null check (name <> ''),
    email text collate "C" unique check (email = lower(email)),
    operator boolean not null default false,
    created_at timestamptz not null
);

-- At most one row, ever: whoever puts it in signed up first. A second sign-up at the same moment waits for it here.
create table installation (
    only_row boolean primary key default true check (only_row),
    founder_id text collate "C" not null
);

create table passkeys (
    credential_id bytea primary key,
    account_id text collate "C" not null references accounts on delete cascade,
    public_key bytea not null,
    sign_count bigint not null,
    created_at timestamptz not null,
    used_at timestamptz
);
create index passkeys_of_account on passkeys (account_id);

-- What a browser has to sign. Taken out when it is answered, rightly or wrongly, so each works once.
create table challenges (
    id text collate "C" primary key,
    purpose text not null check (purpose in ('sign_up', 'sign_in', 'add')),
    challenge bytea not null,
    account_id text collate "C",
    name text,
    expires_at timestamptz not null
);
create index challenges_by_expiry on challenges (expires_at);

-- The latest code sent to an address; only its salted digest is kept.
create table email_codes (
    email text collate "C" primary key,
    salt text not null,
    digest bytea not null,
    tries_left integer not null check (tries_left >= 0),
    expires_at timestamptz not null
);
create index email_codes_by_expiry on email_codes (expires_at);

-- Signed-in browsers and programs; only the SHA-256 of the token is kept.
create table sessions (
    digest bytea primary key,
    account_id text collate "C" not null references accounts on delete cascade,
    user_agent text not null,
    created_at timestamptz not null,
    expires_at timestamptz not null
);
create index sessions_of_account on sessions (account_id);
create index sessions_by_expiry on sessions (expires_at);

-- Where an account's parcels go, kept for the next purchase.
create table addresses (
    account_id text collate "C" primary key references accounts on delete cascade,
    family_name text not null,
    given_name text not null,
    family_kana text not null,
    given_kana text not null,
    postal_code text not null check (postal_code ~ '^[0-9]{7}$'),
    prefecture text not null,
    city text not null,
    line1 text not null,
    line2 text not null,
    phone text not null
);
