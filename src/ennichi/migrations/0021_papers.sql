-- Owned by orders: what its papers need to say the same in years to come.

-- Who issues the receipt, as it was when the order was placed: a later registration, name or address changes nothing.
create table order_issuers (
    order_id text collate "C" primary key references orders,
    issuer jsonb not null
);

-- How much of a refund is at the reduced rate, so that it can be taken off the right tax.
alter table order_refunds
    add column reduced bigint not null default 0,
    add constraint reduced_is_a_part check (reduced between 0 and amount);
