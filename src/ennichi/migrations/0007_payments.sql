-- Owned by payments: charges and saved cards. No card number is ever here, only the gateway's reference to one.

create table charges (
    id text collate "C" primary key, -- also the idempotency key the gateway gets
    account_id text collate "C" not null references accounts,
    amount bigint not null check (amount > 0),
    currency text not null check (currency = 'JPY'),
    card_ref text not null,
    brand text not null,
    last4 text not null,
    exp_month smallint not null,
    exp_year smallint not null,
    state text not null default 'pending' check (state in ('pending', 'succeeded', 'declined', 'void')),
    reason text,
    reference text,
    created_at timestamptz not null,
    settled_at timestamptz,
    check ((state = 'declined') = (reason is not null)),
    check ((state = 'succeeded') = (reference is not null)),
    check ((state = 'pending') = (settled_at is null))
);

create table saved_cards (
    id text collate "C" primary key,
    account_id text collate "C" not null references accounts,
    ref text not null,
    brand text not null,
    last4 text not null check (last4 ~ '^[0-9]{4}$'),
    exp_month smallint not null check (exp_month between 1 and 12),
    exp_year smallint not null,
    used_at timestamptz not null,
    unique (account_id, brand, last4, exp_month, exp_year)
);

-- The sandbox gateway's own books, as if they lay in another house.

create table sandbox_cards (
    token text collate "C" primary key,
    brand text not null,
    last4 text not null,
    exp_month smallint not null,
    exp_year smallint not null,
    behaviour text not null check (behaviour in ('approve', 'card_declined', 'insufficient_funds', 'slow')),
    created_at timestamptz not null
);

create table sandbox_charges (
    idempotency_key text collate "C" primary key,
    token text collate "C" not null references sandbox_cards,
    amount bigint not null check (amount > 0),
    currency text not null,
    reference text not null unique,
    reason text, -- null: the money was taken
    created_at timestamptz not null
);
