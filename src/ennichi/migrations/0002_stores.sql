-- Stalls, who keeps them and who follows them.

create table stores (
    id text collate "C" primary key,
    handle text collate "C" not null unique check (handle ~ '^[a-z0-9-]{3,30}$'),
    name text not null check (name <> ''),
    story text not null,
    face_id text collate "C", -- a photo; photos come later in the order of the domains, so there is no reference here
    color text not null check (color ~ '^#[0-9a-f]{6}$'),
    place text not null,
    opened_at timestamptz not null,
    legal_seller text not null,
    legal_representative text not null,
    legal_address text not null,
    legal_phone text not null,
    legal_email text not null,
    legal_on_request boolean not null,
    shipping_fee bigint not null check (shipping_fee >= 0),
    ships_within_days integer not null check (ships_within_days between 1 and 90),
    carrier text not null,
    returns text not null,
    cancellation text not null
);
create index stores_by_age on stores (opened_at desc);

create table store_members (
    store_id text collate "C" not null references stores on delete cascade,
    account_id text collate "C" not null references accounts on delete cascade,
    role text not null check (role in ('owner')),
    joined_at timestamptz not null,
    primary key (store_id, account_id)
);
create index store_members_of_account on store_members (account_id);

create table follows (
    account_id text collate "C" not null references accounts on delete cascade,
    store_id text collate "C" not null references stores on delete cascade,
    since timestamptz not null,
    primary key (account_id, store_id)
);
create index follows_of_store on follows (store_id);

-- What changes often, apart from what people write: a busy show does not rewrite the stall's row.
create table store_counters (
    store_id text collate "C" primary key references stores on delete cascade,
    sold bigint not null default 0 check (sold >= 0),
    likes bigint not null default 0 check (likes >= 0),
    followers bigint not null default 0 check (followers >= 0),
    live_show_id text collate "C" -- the show that is on the air now
);
