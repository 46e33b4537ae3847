-- Owned by payments: 3-D Secure, konbini, refunds, the inbox of webhooks; and the sandbox gateway's books in full.

alter table charges
    add column gateway text not null default 'sandbox',
    add column method text not null default 'card' check (method in ('card', 'konbini')),
    add column save boolean not null default false, -- keep the card when the money is taken
    add column destination text, -- an account at the gateway that the money goes to, less the fee
    add column fee bigint not null default 0 check (fee >= 0),
    add column return_url text not null default '',
    add column payer_name text not null default '',
    add column payer_email text not null default '',
    add column action jsonb, -- what the buyer has to do
    add column instructions jsonb, -- how to pay at a counter
    add column expires_at timestamptz,
    add column look_at timestamptz, -- when to ask the gateway next, without being told to
    add column looks integer not null default 0,
    alter column card_ref drop not null,
    alter column brand drop not null,
    alter column last4 drop not null,
    alter column exp_month drop not null,
    alter column exp_year drop not null,
    drop constraint charges_state_check,
    drop constraint charges_check,
    drop constraint charges_check1,
    drop constraint charges_check2;
alter table charges alter column gateway drop default, alter column method drop default;
update charges set look_at = created_at where state = 'pending';
alter table charges
    add check (state in ('pending', 'action_required', 'awaiting', 'succeeded', 'declined', 'void')),
    add check ((method = 'card') = (card_ref is not null)),
    add check ((state = 'declined') = (reason is not null)),
    add check (state not in ('action_required', 'awaiting', 'succeeded') or reference is not null),
    add check ((state in ('succeeded', 'declined', 'void')) = (settled_at is not null)),
    add check (state <> 'action_required' or (action is not null and expires_at is not null)),
    add check (state <> 'awaiting' or instructions is not null),
    add check (fee <= amount);
create index charges_by_look on charges (look_at) where look_at is not null;

alter table saved_cards add column gateway text not null default 'sandbox';
alter table saved_cards
    alter column gateway drop default,
    drop constraint saved_cards_account_id_brand_last4_exp_month_exp_year_key,
    add unique (account_id, gateway, brand, last4, exp_month, exp_year);

create table refunds (
    id text collate "C" primary key, -- also the idempotency key the gateway gets
    charge_id text collate "C" not null references charges,
    amount bigint not null check (amount > 0),
    stray boolean not null default false, -- money that came for a charge that was over: no order knows of it
    state text not null default 'pending' check (state in ('pending', 'sent', 'succeeded', 'failed')),
    reason text,
    reference text,
    created_at timestamptz not null,
    settled_at timestamptz,
    due_at timestamptz, -- when the job takes it up next
    tries integer not null default 0,
    check ((state = 'failed') = (reason is not null)),
    check (state not in ('sent', 'succeeded') or reference is not null),
    check ((state in ('succeeded', 'failed')) = (settled_at is not null)),
    check ((state in ('succeeded', 'failed')) = (due_at is null))
);
create index refunds_of_charge on refunds (charge_id);
create unique index refunds_stray on refunds (charge_id) where stray;
create index refunds_due on refunds (due_at) where due_at is not null;

-- What gateways told, kept before it is worked. A message says where to look; what is true is asked for.
create table webhooks (
    gateway text not null,
    event_id text collate "C" not null,
    type text not null,
    charge_id text collate "C",
    refund_id text collate "C",
    payload bytea not null,
    received_at timestamptz not null,
    worked_at timestamptz,
    due_at timestamptz,
    attempts integer not null default 0,
    problem text,
    primary key (gateway, event_id),
    check ((worked_at is null) = (due_at is not null))
);
create index webhooks_due on webhooks (due_at) where due_at is not null;
create index webhooks_worked on webhooks (worked_at) where worked_at is not null;

-- Under which name a gateway knows an account.
create table gateway_customers (
    gateway text not null,
    account_id text collate "C" not null references accounts,
    customer text not null,
    primary key (gateway, account_id)
);

-- The sandbox gateway's own books, as if they lay in another house.

alter table sandbox_cards drop constraint sandbox_cards_behaviour_check;
alter table sandbox_cards add check (behaviour in (
    'approve', 'card_declined', 'insufficient_funds', 'processing_error', 'slow', 'three_d_secure',
    'three_d_secure_fails', 'lost_answer', 'noisy'
));

alter table sandbox_charges rename to sandbox_payments;
alter table sandbox_payments
    add column method text not null default 'card' check (method in ('card', 'konbini')),
    add column state text,
    add column number text,
    add column confirmation text,
    add column expires_at timestamptz,
    add column return_url text not null default '',
    alter column token drop not null;
update sandbox_payments set state = case when reason is null then 'captured' else 'declined' end;
alter table sandbox_payments
    alter column method drop default,
    alter column state set not null,
    add check (state in ('authorised', 'action_required', 'awaiting', 'captured', 'declined', 'cancelled')),
    add check ((state = 'declined') = (reason is not null)),
    add check ((method = 'card') = (token is not null)),
    add check ((method = 'konbini') = (number is not null and confirmation is not null)),
    add check (state not in ('action_required', 'awaiting') or expires_at is not null);

create table sandbox_refunds (
    idempotency_key text collate "C" primary key,
    payment text not null references sandbox_payments (reference),
    reference text not null unique,
    amount bigint not null check (amount > 0),
    settles_at timestamptz not null, -- the money is back from then on
    created_at timestamptz not null
);
create index sandbox_refunds_of_payment on sandbox_refunds (payment);

create table sandbox_payouts (
    idempotency_key text collate "C" primary key,
    reference text not null unique,
    store_id text not null,
    amount bigint not null check (amount > 0),
    bank jsonb not null,
    reason text, -- null: it arrives
    settles_at timestamptz not null,
    created_at timestamptz not null
);

-- Webhooks the sandbox has to send.
create table sandbox_events (
    id text collate "C" primary key,
    type text not null,
    charge_id text collate "C",
    refund_id text collate "C",
    times integer not null default 1, -- how often it is sent
    due_at timestamptz,
    created_at timestamptz not null
);
create index sandbox_events_due on sandbox_events (due_at) where due_at is not null;

create table sandbox_secret (
    secret text not null -- signs its webhooks
);
insert into sandbox_secret values ('whsec_' || replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''));
