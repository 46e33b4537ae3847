-- Owned by accounts: whether a room may say by name that this person has come.
alter table accounts add column announced boolean not null default true;
