-- Owned by room: what was said at each show. A question is a line that somebody wants answered.
create table lines (
  id          text collate "C" primary key,
  show_id     text collate "C" not null references shows (id),
  epoch       text collate "C" not null,
  place       bigint not null,
  at          timestamptz not null,
  account_id  text collate "C" not null references accounts (id),
  name        text not null,
  seller      boolean not null,
  text        text not null,
  question    boolean not null,
  listing_id  text collate "C",
  queue       text check (queue in ('open', 'answering', 'answered', 'dropped')),
  check (question = (queue is not null)),
  unique (show_id, epoch, place)
);
create index lines_by_show on lines (show_id, at desc, place desc);
create index lines_waiting on lines (show_id, at, place) where queue in ('open', 'answering');
