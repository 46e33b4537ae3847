-- Owned by ledger: the double-entry book of all money, and the withdrawals of stores.

create table entries (
    id bigint generated always as identity primary key,
    kind text collate "C" not null check (kind in (
        'sale', 'refund', 'refunded', 'refund_failed', 'settle', 'release', 'payout', 'payout_settled', 'payout_failed'
    )),
    ref text collate "C" not null, -- of the order, the refund or the payout
    order_id text collate "C",
    store_id text collate "C" references stores,
    at timestamptz not null,
    memo text not null default '', -- of a sale: the order's number
    unique (kind, ref)
);
create index entries_of_store on entries (store_id, id desc) where store_id is not null;
create index entries_of_order on entries (order_id) where order_id is not null;

-- Assets are positive, what is owed and earned is negative.
create table postings (
    entry_id bigint not null, -- of an entry: the trigger below looks, for all of a statement at once
    account text collate "C" not null check (
        account ~ '^(gateway|fees|fee_tax|(clearing|refunds|store|reserve|payout):[0-9a-z]{20})$'
    ),
    amount bigint not null check (amount <> 0),
    primary key (entry_id, account)
);
create index postings_of_account on postings (account) include (amount);

-- An entry comes whole, in one statement: with postings that sum to zero (two at least, since none is zero), and nothing
-- is added later.
create function refuse_unbalanced() returns trigger language plpgsql as $$
declare
    wrong bigint;
begin
    select n.entry_id into wrong from new_postings n group by n.entry_id having sum(n.amount) <> 0 limit 1;
    if wrong is null then
        select p.entry_id into wrong from postings p
        where p.entry_id in (select n.entry_id from new_postings n)
            and not exists (select from new_postings n where n.entry_id = p.entry_id and n.account = p.account)
        limit 1;
    end if;
    if wrong is null then
        select n.entry_id into wrong from new_postings n
        where not exists (select from entries e where e.id = n.entry_id) limit 1;
    end if;
    if wrong is not null then
        raise exception 'entry % is not there, does not sum to zero, or is added to', wrong using errcode = 'check_violation';
    end if;
    return null;
end $$;
create trigger postings_balance after insert on postings
    referencing new table as new_postings for each statement execute function refuse_unbalanced();

create function refuse_empty_entry() returns trigger language plpgsql as $$
declare
    wrong bigint;
begin
    select n.id into wrong from new_entries n where not exists (select from postings p where p.entry_id = n.id) limit 1;
    if wrong is not null then
        raise exception 'entry % has no postings', wrong using errcode = 'check_violation';
    end if;
    return null;
end $$;
create trigger entries_whole after insert on entries
    referencing new table as new_entries for each statement execute function refuse_empty_entry();

create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'rows of % are never changed', tg_table_name using errcode = 'restrict_violation';
end $$;
create trigger entries_stay before update or delete or truncate on entries
    for each statement execute function refuse_change();
create trigger postings_stay before update or delete or truncate on postings
    for each statement execute function refuse_change();

-- Which part of an order's money went where when it was settled, and when the reserve is released.
create table settlements (
    order_id text collate "C" primary key,
    store_id text collate "C" not null references stores,
    fee_bps integer not null check (fee_bps between 0 and 10000),
    reserve_bps integer not null check (reserve_bps between 0 and 10000),
    settled_at timestamptz not null,
    release_at timestamptz not null,
    released_at timestamptz
);
create index settlements_to_release on settlements (release_at) where released_at is null;

create table bank_accounts (
    store_id text collate "C" primary key references stores on delete cascade,
    bank_code text not null check (bank_code ~ '^[0-9]{4}$'),
    bank_name text not null,
    branch_code text not null check (branch_code ~ '^[0-9]{3}$'),
    branch_name text not null,
    kind text not null check (kind in ('ordinary', 'current', 'savings')),
    number text not null check (number ~ '^[0-9]{7}$'),
    holder text not null,
    changed_at timestamptz not null
);

create table payouts (
    id text collate "C" primary key, -- also the idempotency key the gateway gets
    store_id text collate "C" not null references stores,
    account_id text collate "C" not null references accounts, -- who asked for it
    key text collate "C" not null,
    amount bigint not null check (amount between 1 and 9999999999),
    bank jsonb not null, -- the account it goes to, as it was then
    state text not null default 'pending' check (state in ('pending', 'sent', 'settled', 'failed')),
    reference text,
    reason text,
    asked_at timestamptz not null,
    sent_at timestamptz,
    ended_at timestamptz,
    next_at timestamptz not null, -- when the job looks at it (again)
    attempts integer not null default 0,
    problem text,
    unique (store_id, key),
    check ((state in ('settled', 'failed')) = (ended_at is not null)),
    check ((state = 'failed') = (reason is not null))
);
create index payouts_of_store on payouts (store_id, asked_at desc);
create index payouts_due on payouts (next_at) where state in ('pending', 'sent');

-- What was bought before there was a ledger: the money is there, and waits with the stores.
with bought as (
    select o.id as order_id, o.number, o.store_id, o.placed_at as at, c.amount
    from orders o join charges c on c.id = o.charge_id where c.state = 'succeeded'
),
entered as (
    insert into entries (kind, ref, order_id, store_id, at, memo)
    select 'sale', b.order_id, b.order_id, b.store_id, b.at, b.number from bought b order by b.at
    returning id, ref
)
insert into postings (entry_id, account, amount)
select e.id, p.account, p.amount
from entered e join bought b on b.order_id = e.ref
    cross join lateral (values ('gateway', b.amount), ('clearing:' || b.store_id, -b.amount)) p (account, amount);
