-- Owned by orders: what was bought, as it was when it was bought.

create table orders (
    id text collate "C" primary key,
    number text collate "C" not null unique,
    account_id text collate "C" not null references accounts,
    store_id text collate "C" not null references stores,
    show_id text collate "C" references shows,
    hold_id text collate "C" not null unique references holds,
    charge_id text collate "C" not null unique references charges,
    state text not null check (state in ('placed', 'paid', 'shipped', 'received', 'settled', 'cancelled', 'refunded')),
    placed_at timestamptz not null,
    items bigint not null check (items > 0),
    quantity integer not null check (quantity > 0),
    title text not null, -- of the first line, for lists
    photo_id text collate "C",
    totals jsonb not null,
    address jsonb not null,
    terms jsonb not null,
    brand text not null,
    last4 text not null
);
create index orders_of_account on orders (account_id, placed_at desc);
create index orders_of_store on orders (store_id, placed_at desc);
create index orders_of_show on orders (show_id) where show_id is not null;

create table order_lines (
    order_id text collate "C" not null references orders,
    place integer not null,
    listing_id text collate "C" not null references listings,
    variant_id text collate "C" not null references variants,
    title text not null,
    variant_name text not null,
    photo_id text collate "C",
    unit_price bigint not null check (unit_price > 0),
    quantity integer not null check (quantity > 0),
    tax_rate smallint not null check (tax_rate in (8, 10)),
    primary key (order_id, place)
);

-- The last number given out in a month; the row is locked until the order that takes the next one is in.
create table order_numbers (
    month text collate "C" primary key check (month ~ '^[0-9]{4}$'),
    last integer not null check (last > 0)
);
