-- Owned by photos: uploaded pictures; the files lie in the object store under their id.

create table photos (
    id text collate "C" primary key,
    account_id text collate "C" not null references accounts,
    width integer not null check (width > 0),
    height integer not null check (height > 0),
    placeholder text not null,
    created_at timestamptz not null
);

-- Owned by catalog: what stores offer.

create table listings (
    id text collate "C" primary key,
    store_id text collate "C" not null references stores,
    title text not null check (title <> ''),
    story text not null,
    condition text not null check (condition in ('new', 'like_new', 'good', 'fair', 'worn', 'made_to_order', 'food')),
    price bigint not null check (price between 1 and 9999999),
    tax_rate smallint not null check (tax_rate in (8, 10)),
    photo_ids text[] not null,
    archived boolean not null default false,
    created_at timestamptz not null
);
create index listings_of_store on listings (store_id, created_at desc);

-- stocked is every unit ever put in; each of them is available, held or sold, always.
create table variants (
    id text collate "C" primary key,
    listing_id text collate "C" not null references listings,
    place integer not null,
    name text not null,
    price bigint check (price between 1 and 9999999), -- null: the listing's
    keyword text not null,
    removed boolean not null default false,
    stocked bigint not null,
    available integer not null check (available >= 0),
    held integer not null default 0 check (held >= 0),
    sold bigint not null default 0 check (sold >= 0),
    check (stocked = available + held + sold)
) with (fillfactor = 70); -- room on the page, so that a hot row is updated in place
create index variants_of_listing on variants (listing_id, place);
