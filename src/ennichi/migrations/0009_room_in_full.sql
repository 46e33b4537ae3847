-- Owned by room: who hears a line, where it stands in the video, what becomes of questions, votes, and who came.
alter table lines
  add column kind text not null default 'said' check (kind in ('said', 'stamp', 'bought')),
  add column media_ms bigint check (media_ms >= 0),
  add column moderator boolean not null default false,
  add column quantity integer check (quantity > 0),
  -- 'staff': its author and the store's staff (the shield); 'author': its author alone (the blocked)
  add column heard_by text not null default 'all' check (heard_by in ('all', 'staff', 'author')),
  add column removed_at timestamptz,
  -- of a question: how many people asked it, what folds to the same text, the listing it is about (named, or shown
  -- when it was asked), where it went
  add column asked integer not null default 1 check (asked > 0),
  add column folded text,
  add column about text collate "C",
  add column merged_into text collate "C" references lines (id),
  add column answer text check (answer <> ''),
  add column answered_at timestamptz,
  add column taken_up_ms bigint check (taken_up_ms >= 0);
alter table lines drop constraint lines_queue_check;
alter table lines add check (queue in ('open', 'answering', 'answered', 'dropped', 'merged'));
alter table lines add check ((queue = 'merged') = (merged_into is not null));
create index lines_answered on lines (listing_id, answered_at desc) where answer is not null and removed_at is null;

drop index lines_by_show, lines_waiting;
create index lines_by_place on lines (show_id, place desc);
create index lines_asking on lines (show_id, place) where question;
create index lines_merged on lines (merged_into) where merged_into is not null;

-- Everyone who asked a question, the first one included: they are told what became of it.
create table askings (
  question_id text collate "C" not null references lines (id),
  account_id  text collate "C" not null references accounts (id),
  line_id     text collate "C" not null references lines (id),
  primary key (question_id, account_id)
);
create index askings_of_account on askings (account_id);

-- What a room keeps of a show besides its lines. `notice` is the pinned line as the feed shows it.
create table rooms (
  show_id  text collate "C" primary key references shows (id),
  peak     integer not null default 0 check (peak >= 0),
  notice   jsonb,
  -- the show is over, and everything said at it is in its segments
  recorded boolean not null default false
);

-- Who came, as digests: counted, never listed.
create table visits (
  show_id text collate "C" not null references shows (id),
  visitor text collate "C" not null,
  primary key (show_id, visitor)
);

create table votes (
  id        text collate "C" primary key,
  show_id   text collate "C" not null references shows (id),
  question  text not null,
  options   text[] not null check (cardinality(options) between 2 and 4),
  state     text not null default 'open' check (state in ('open', 'closed', 'away')),
  opened_at timestamptz not null,
  closes_at timestamptz
);
create unique index votes_one_shown on votes (show_id) where state <> 'away';
create index votes_closing on votes (closes_at) where state = 'open';

create table ballots (
  vote_id    text collate "C" not null references votes (id),
  account_id text collate "C" not null references accounts (id),
  option     smallint not null check (option between 0 and 3),
  primary key (vote_id, account_id)
);

-- Closed stretches of feeds, about a minute each, as objects that never change: what is taken out of one makes another,
-- with another name. `said` and `quoted` are the lines in it, and those that its other events show.
create table segments (
  show_id  text collate "C" not null references shows (id),
  number   integer not null check (number >= 1),
  name     text collate "C" not null,
  began_at timestamptz not null,
  ended_at timestamptz not null,
  from_ms  bigint not null check (from_ms >= 0),
  to_ms    bigint not null check (to_ms >= from_ms),
  said     text[] not null,
  quoted   text[] not null,
  bytes    integer not null,
  -- something in it was removed, and the object that shows it is not replaced yet
  stale    boolean not null default false,
  primary key (show_id, number)
);
create index segments_stale on segments (show_id) where stale;
