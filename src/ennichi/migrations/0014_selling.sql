-- Owned by catalog: ways of charging for shipping.
create table shipping_profiles (
    id text collate "C" primary key,
    store_id text collate "C" not null references stores,
    content jsonb not null, -- name, zones, each_more, free_over
    made_at timestamptz not null
);
create index shipping_profiles_of_store on shipping_profiles (store_id, made_at, id);

alter table listings
    add column shipping_id text collate "C" references shipping_profiles, -- null: the store's one fee
    add column size smallint not null default 60 check (size in (60, 80, 100, 120, 140, 160)),
    add column per_buyer integer check (per_buyer between 1 and 99),
    add column show_former boolean not null default false;

-- What a variant cost since when; null: it was not on offer. Only ever added to: it has to prove a struck-through price.
create table prices (
    n bigint generated always as identity primary key,
    variant_id text collate "C" not null references variants,
    price bigint check (price > 0),
    since timestamptz not null
);
create index prices_of_variant on prices (variant_id, n desc);

insert into prices (variant_id, price, since)
select v.id, case when l.archived or v.removed then null else coalesce(v.price, l.price) end, now()
from variants v join listings l on l.id = v.listing_id;

create function prices_are_history() returns trigger language plpgsql as $$
begin
    raise exception 'what something cost is history and is not changed';
end $$;
create trigger prices_are_history before update or delete or truncate on prices
    for each statement execute function prices_are_history();

-- Owned by stores: what the law asks of who sells, and what the market asks for it.
alter table stores
    add column legal_company boolean not null default false,
    add column legal_other_costs text not null default '',
    add column legal_antique_license text not null default '',
    add column invoice_number text not null default '' check (invoice_number = '' or invoice_number ~ '^T[0-9]{13}$'),
    add column invoice_by_market boolean not null default false,
    add column fee_bps integer check (fee_bps between 0 and 10000); -- null: the market's usual fee

-- A notice whose address is given on request was asked for. sent_at stays null when no mail could be sent.
create table legal_requests (
    id text collate "C" primary key,
    store_id text collate "C" not null references stores on delete cascade,
    account_id text collate "C" not null references accounts on delete cascade,
    asked_at timestamptz not null,
    sent_at timestamptz
);
create index legal_requests_of_store on legal_requests (store_id, asked_at desc);
