-- Owned by moderation: how each store keeps its rooms, who may not speak, what was reported, and who did what.
create table house_rules (
  store_id       text collate "C" primary key references stores (id),
  shield         boolean not null default true,
  slow_s         integer not null default 0 check (slow_s between 0 and 600),
  followers_only boolean not null default false
);

-- Without a store: the operator's, for every room.
create table ng_words (
  id       text collate "C" primary key,
  store_id text collate "C" references stores (id),
  word     text not null check (word <> ''),
  added_at timestamptz not null,
  added_by text collate "C" not null references accounts (id),
  unique nulls not distinct (store_id, word)
);

-- 'block': what they say is heard by themselves alone. 'timeout': they cannot say anything until then.
create table restraints (
  store_id   text collate "C" not null references stores (id),
  account_id text collate "C" not null references accounts (id),
  kind       text not null check (kind in ('block', 'timeout')),
  until      timestamptz check ((kind = 'timeout') = (until is not null)),
  since      timestamptz not null,
  primary key (store_id, account_id, kind)
);

create table reports (
  id          text collate "C" primary key,
  store_id    text collate "C" not null references stores (id),
  show_id     text collate "C" not null references shows (id),
  line_id     text collate "C" not null references lines (id),
  -- about a line of the store's own people: the operator's to settle, and not shown to the store
  about_staff boolean not null,
  reporter_id text collate "C" not null references accounts (id),
  reason      text not null check (reason in ('spam', 'abuse', 'fraud', 'other')),
  note        text not null,
  at          timestamptz not null,
  settled_at  timestamptz,
  settled_by  text collate "C" references accounts (id),
  unique (line_id, reporter_id)
);
create index reports_open on reports (store_id, at desc) where settled_at is null;
create index reports_of_show on reports (show_id) where settled_at is null;
create index reports_everywhere on reports (at desc) where settled_at is null;

-- The audit trail: written once, never changed.
create table acts (
  id         text collate "C" primary key,
  store_id   text collate "C" references stores (id),
  show_id    text collate "C" references shows (id),
  actor_id   text collate "C" not null references accounts (id),
  act        text not null,
  account_id text collate "C" references accounts (id),
  line_id    text collate "C" references lines (id),
  detail     jsonb not null,
  at         timestamptz not null
);
create index acts_by_store on acts (store_id, at desc, id desc);
create function acts_stay() returns trigger language plpgsql as $$
begin
  raise exception 'the audit trail is never changed';
end $$;
create trigger acts_stay before update or delete or truncate on acts execute function acts_stay();
