-- Owned by payments: stores' own accounts at a gateway that shares the money out.

create table payees (
    gateway text not null,
    store_id text collate "C" not null references stores,
    account text not null,
    ready boolean not null default false, -- whether money may go there
    asked_at timestamptz not null, -- when the gateway was asked last
    primary key (gateway, store_id),
    unique (gateway, account)
);
create index payees_by_asked on payees (gateway, asked_at);
