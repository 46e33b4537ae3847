-- Owned by shows: broadcasts and their line-ups.
create table shows (
  id          text collate "C" primary key,
  store_id    text collate "C" not null references stores (id),
  title       text not null,
  cover_id    text collate "C",
  state       text not null default 'scheduled' check (state in ('scheduled', 'live', 'ended', 'cancelled')),
  planned_at  timestamptz,
  started_at  timestamptz,
  ended_at    timestamptz,
  pinned_id   text collate "C",
  likes       bigint not null default 0 check (likes >= 0),
  sold        bigint not null default 0 check (sold >= 0),
  created_at  timestamptz not null,
  check ((state in ('live', 'ended')) = (started_at is not null)),
  check ((state = 'ended') = (ended_at is not null))
);
create unique index shows_one_live_per_store on shows (store_id) where state = 'live';
create index shows_by_state on shows (state, planned_at);
create index shows_by_store on shows (store_id, created_at desc);

create table lineup (
  show_id     text collate "C" not null references shows (id),
  number      integer not null check (number >= 1),
  listing_id  text collate "C" not null references listings (id),
  primary key (show_id, number) deferrable initially immediate,
  unique (show_id, listing_id)
);
create index lineup_by_listing on lineup (listing_id);
