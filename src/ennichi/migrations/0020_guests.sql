-- Owned by accounts: people who buy without signing up. `contact` is where their mail goes: nobody has proved it, so it
-- is not unique and opens nothing. Who proves the address later (`email`) takes over what was bought under it.

alter table accounts
    add column guest boolean not null default false,
    add column contact text collate "C" check (contact = lower(contact)),
    add constraint guests_have_a_contact check (guest = (contact is not null)),
    add constraint guests_have_no_email check (not (guest and email is not null)),
    add constraint guests_run_nothing check (not (guest and operator));
create index guests_by_contact on accounts (contact) where guest;
