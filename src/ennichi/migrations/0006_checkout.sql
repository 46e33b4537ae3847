-- Owned by checkout: units kept for buyers, and how they are concluded.

create table holds (
    id text collate "C" primary key,
    account_id text collate "C" not null references accounts,
    store_id text collate "C" not null references stores,
    listing_id text collate "C" not null references listings,
    variant_id text collate "C" not null references variants,
    show_id text collate "C" references shows,
    -- What the buyer was shown when the hold was taken, and is bound to.
    title text not null,
    variant_name text not null,
    photo_id text collate "C",
    quantity integer not null check (quantity between 1 and 20),
    unit_price bigint not null check (unit_price > 0),
    tax_rate smallint not null check (tax_rate in (8, 10)),
    shipping bigint not null check (shipping >= 0),
    terms jsonb not null,
    state text not null default 'held' check (state in ('held', 'confirming', 'sold', 'released', 'expired')),
    expires_at timestamptz not null,
    created_at timestamptz not null,
    order_id text collate "C" unique,
    check ((state = 'sold') = (order_id is not null))
);
create unique index holds_active on holds (account_id, variant_id) where state in ('held', 'confirming');
create index holds_by_expiry on holds (expires_at) where state = 'held';

-- Idempotency keys of buyers. A request that failed leaves none behind, so that it may be tried again.
create table request_keys (
    account_id text collate "C" not null references accounts,
    key text collate "C" not null,
    digest bytea not null, -- of the request that came with the key
    answer text, -- of a hold, as it was sent
    charge_id text collate "C", -- of a confirmation: its answer is what became of the charge
    created_at timestamptz not null,
    primary key (account_id, key)
);
create index request_keys_by_age on request_keys (created_at);
create index request_keys_of_charge on request_keys (charge_id) where charge_id is not null;

-- One row for each time a hold went to the gateway: all that is needed to finish it after a crash.
create table confirmations (
    charge_id text collate "C" primary key,
    hold_id text collate "C" not null references holds,
    order_id text collate "C" not null unique,
    address jsonb not null,
    save boolean not null,
    started_at timestamptz not null,
    settled boolean not null default false
);
create unique index confirmations_open on confirmations (hold_id) where not settled;
create index confirmations_unsettled on confirmations (started_at) where not settled;
