-- Owned by orders: what becomes of an order after it was placed, with everything that was said and given back.

alter table orders
    add column purchase_id text collate "C" unique,
    add column method text not null default 'card' check (method in ('card', 'konbini')),
    alter column brand drop not null,
    alter column last4 drop not null,
    add column total bigint,
    add column lines_count integer not null default 1 check (lines_count > 0),
    add column refunding bigint not null default 0 check (refunding >= 0), -- decided, and not arrived yet
    add column refunded bigint not null default 0 check (refunded >= 0),
    add column pay_by timestamptz,
    add column ship_by date,
    add column arrives_by date,
    add column paid_at timestamptz,
    add column carrier text,
    add column tracking text,
    add column shipped_at timestamptz,
    add column received_at timestamptz,
    add column cancel_asked_at timestamptz,
    add column cancel_by text check (cancel_by in ('buyer', 'store')), -- who wanted it
    add column cancel_reason text not null default '',
    -- How far each side has read what was written: the id of a message.
    add column buyer_read text collate "C" not null default '',
    add column seller_read text collate "C" not null default '';

update orders set
    total = (totals ->> 'total')::bigint,
    paid_at = placed_at,
    ship_by = (placed_at at time zone 'Asia/Tokyo')::date + (terms ->> 'ships_within_days')::integer,
    arrives_by = (terms ->> 'arrives_to')::date,
    -- Terms say how shipping is charged for; of these orders it is one fee for everything to everywhere.
    terms = terms || jsonb_build_object('shipping', jsonb_build_object(
        'name', '',
        'zones', jsonb_build_array(jsonb_build_object(
            'prefectures', '[]'::jsonb,
            'fees', jsonb_build_array(jsonb_build_object('up_to', 160, 'fee', totals -> 'shipping')))),
        'each_more', 0,
        'free_over', null));

alter table orders
    alter column total set not null,
    alter column ship_by set not null,
    alter column arrives_by set not null,
    add constraint never_back_more_than_paid check (refunding + refunded <= total),
    add constraint a_card_has_its_name check (method <> 'card' or (brand is not null and last4 is not null)),
    add constraint paid_has_a_time check (state in ('placed', 'cancelled') or paid_at is not null),
    add constraint shipped_has_a_time check (state not in ('shipped', 'received', 'settled') or shipped_at is not null),
    add constraint received_has_a_time check (state not in ('received', 'settled') or received_at is not null);
create index orders_to_settle on orders (received_at) where state = 'received';
create index orders_on_the_way on orders (arrives_by) where state = 'shipped';
create index orders_of_store_by_state on orders (store_id, state, placed_at desc);

-- Several holds make one order: each line knows its own.
alter table order_lines
    add column hold_id text collate "C" unique references holds,
    add column returned integer not null default 0,
    add constraint returned_at_most_all check (returned between 0 and quantity);
update order_lines l set hold_id = o.hold_id from orders o where o.id = l.order_id;
alter table order_lines alter column hold_id set not null;
alter table orders drop column hold_id;

-- What happened to an order, only ever added to.
create table order_events (
    id bigint generated always as identity primary key,
    order_id text collate "C" not null references orders,
    what text not null check (what in (
        'placed', 'paid', 'shipped', 'received', 'settled', 'cancelled', 'refunded',
        'cancel_asked', 'refund', 'refund_done', 'refund_failed', 'rated'
    )),
    by text not null check (by in ('buyer', 'store', 'time', 'payment')),
    account_id text collate "C",
    at timestamptz not null,
    amount bigint,
    reason text not null default ''
);
create index order_events_of_order on order_events (order_id, id);
insert into order_events (order_id, what, by, account_id, at)
select o.id, e.what, e.by, o.account_id, o.placed_at
from orders o cross join (values (1, 'placed', 'buyer'), (2, 'paid', 'payment')) e (n, what, by)
order by o.placed_at, o.id, e.n;

create function refuse_other_history() returns trigger language plpgsql as $$
begin
    raise exception 'what happened to an order is never changed' using errcode = 'restrict_violation';
end $$;
create trigger order_events_stay before update or delete or truncate on order_events
    for each statement execute function refuse_other_history();

-- Money that goes back. The id is also the refund's in payments and in the ledger.
create table order_refunds (
    id text collate "C" primary key,
    order_id text collate "C" not null references orders,
    amount bigint not null check (amount > 0),
    state text not null default 'pending' check (state in ('pending', 'done', 'failed')),
    reason text not null,
    account_id text collate "C", -- who decided; nobody, when time did
    at timestamptz not null,
    done_at timestamptz,
    check ((state = 'pending') = (done_at is null))
);
create index order_refunds_of_order on order_refunds (order_id, at);

create table order_messages (
    id text collate "C" primary key,
    order_id text collate "C" not null references orders,
    by text not null check (by in ('buyer', 'seller')),
    account_id text collate "C" not null references accounts,
    text text not null check (text <> ''),
    at timestamptz not null
);
create index order_messages_of_order on order_messages (order_id, id);

-- Letters to be sent: the row is the job, until it has `mailed_at`.
create table order_mails (
    id bigint generated always as identity primary key,
    order_id text collate "C" not null references orders,
    kind text not null check (kind in (
        'placed', 'paid', 'shipped', 'cancelled', 'refunded', 'cancel_asked', 'message'
    )),
    "to" text not null check ("to" in ('buyer', 'seller')),
    amount bigint, -- of a refund
    reason text not null default '',
    due_at timestamptz not null, -- when it is tried (again)
    attempts integer not null default 0,
    mailed_at timestamptz,
    problem text
);
create index order_mails_due on order_mails (due_at) where mailed_at is null;
-- However much is written, one letter at a time says that there is something new.
create unique index order_mails_one_of_messages on order_mails (order_id, "to")
    where kind = 'message' and mailed_at is null;

create table order_ratings (
    order_id text collate "C" primary key references orders,
    store_id text collate "C" not null references stores,
    account_id text collate "C" not null references accounts,
    stars smallint not null check (stars between 1 and 5),
    comment text not null,
    at timestamptz not null
);
create index order_ratings_of_store on order_ratings (store_id, at desc);
alter table store_counters
    add column ratings bigint not null default 0 check (ratings >= 0),
    add column stars bigint not null default 0 check (stars >= 0);

-- The language somebody last used these pages in: that in which they are written to.
alter table accounts add column lang text collate "C" check (lang ~ '^[a-z]{2}$');
