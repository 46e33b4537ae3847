-- Owned by checkout: holds that are settled many at once, lines of those who came too late, and who came when.

-- What was shown before a purchase binds, once for all holds with the same words. The id tells the content.
create table terms (
    id text collate "C" primary key,
    content jsonb not null
);

alter table holds
    add column terms_id text collate "C",
    add column size smallint not null default 60 check (size in (60, 80, 100, 120, 140, 160)),
    add column purchase_id text collate "C",
    add column returned integer not null default 0 check (returned between 0 and quantity);

-- A hold of before knows its shipping as one fee: in the terms it is one fee for everything to everywhere.
create temporary table held_terms on commit drop as
select id as hold_id, content, encode(sha256(convert_to(content::text, 'UTF8')), 'hex') as terms_id
from (
    select id, terms || jsonb_build_object('shipping', jsonb_build_object(
        'name', '',
        'zones', jsonb_build_array(jsonb_build_object(
            'prefectures', '[]'::jsonb,
            'fees', jsonb_build_array(jsonb_build_object('up_to', 160, 'fee', shipping)))),
        'each_more', 0,
        'free_over', null)) as content
    from holds
) h;
insert into terms (id, content) select distinct terms_id, content from held_terms;
update holds h set terms_id = t.terms_id from held_terms t where t.hold_id = h.id;

-- What a hold refers to is locked or read in the transaction that writes it, and none of it is ever deleted; looking
-- each row up in six tables once more made an insert four times as dear.
alter table holds
    alter column terms_id set not null,
    drop column terms,
    drop column shipping,
    drop constraint holds_account_id_fkey,
    drop constraint holds_store_id_fkey,
    drop constraint holds_listing_id_fkey,
    drop constraint holds_variant_id_fkey,
    drop constraint holds_show_id_fkey,
    drop constraint holds_state_check,
    drop constraint holds_check,
    drop constraint holds_order_id_key, -- a purchase of several holds makes one order
    add check (state in ('held', 'confirming', 'sold', 'released', 'expired', 'returned')),
    add check ((state in ('sold', 'returned')) = (order_id is not null)),
    add check ((state = 'returned') = (returned = quantity));
create index holds_sold on holds (account_id, listing_id) where state = 'sold';
create index holds_running on holds (variant_id, expires_at) where state = 'held';
create index holds_of_order on holds (order_id) where order_id is not null;

-- Everyone who came for a variant, in the order they were served. It proves that nobody was passed by, so nothing in it
-- is ever changed. A key that was answered with units or with a place in the line is remembered here.
create table arrivals (
    variant_id text collate "C" not null,
    n bigint not null,
    account_id text collate "C" not null,
    key text collate "C",
    digest bytea, -- of the request that came with the key
    quantity integer not null,
    outcome text not null check (outcome in ('held', 'changed', 'waiting', 'sold_out', 'limit')),
    left_before integer not null,
    hold_id text collate "C",
    at timestamptz not null,
    primary key (variant_id, n),
    check ((key is null) = (digest is null))
);
create unique index arrivals_by_key on arrivals (account_id, key) where key is not null;

create function arrivals_are_history() returns trigger language plpgsql as $$
begin
    raise exception 'who came when is history and is not changed';
end $$;
create trigger arrivals_are_history before update or delete or truncate on arrivals
    for each statement execute function arrivals_are_history();

-- Places in the lines of variants. While somebody is waiting for a variant, none of it is available.
create table waits (
    id text collate "C" primary key,
    variant_id text collate "C" not null references variants,
    n bigint not null, -- the number of arrival
    account_id text collate "C" not null references accounts,
    show_id text collate "C" references shows,
    quantity integer not null check (quantity between 1 and 20),
    state text not null check (state in ('waiting', 'held', 'left', 'over')),
    hold_id text collate "C" references holds,
    asked_at timestamptz not null,
    unique (variant_id, n),
    check ((state = 'held') = (hold_id is not null))
);
create unique index waits_standing on waits (account_id, variant_id) where state = 'waiting';
create index waits_line on waits (variant_id, n) where state = 'waiting';
