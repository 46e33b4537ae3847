-- Owned by checkout: purchases, each one or several holds of one store. They were confirmations of a single hold before.

alter table confirmations rename to purchases;
alter table purchases
    add column id text collate "C",
    add column account_id text collate "C" references accounts,
    add column store_id text collate "C" references stores,
    add column show_id text collate "C" references shows,
    add column hold_ids text[] collate "C",
    -- What the buyer was shown, and is bound to: the goods, and the shipping of them together. Tax included.
    add column items bigint,
    add column shipping bigint,
    add column state text not null default 'paying'
        check (state in ('paying', 'action_required', 'awaiting', 'paid', 'declined', 'given_up'));

update purchases p
set id = p.charge_id, account_id = h.account_id, store_id = h.store_id, show_id = h.show_id, hold_ids = array[h.id],
    items = h.unit_price * h.quantity, shipping = c.amount - h.unit_price * h.quantity,
    state = case c.state when 'succeeded' then 'paid' when 'declined' then 'declined' when 'void' then 'given_up'
            else 'paying' end
from holds h, charges c
where h.id = p.hold_id and c.id = p.charge_id;

update holds h set purchase_id = p.id
from purchases p where p.hold_id = h.id and p.state in ('paying', 'paid');

drop index confirmations_open;
drop index confirmations_unsettled;
alter table purchases
    drop constraint confirmations_pkey,
    add primary key (id),
    add unique (charge_id),
    alter column account_id set not null,
    alter column store_id set not null,
    alter column hold_ids set not null,
    alter column items set not null,
    alter column shipping set not null,
    add check (items > 0),
    add check (shipping >= 0),
    add check (cardinality(hold_ids) > 0),
    drop column hold_id,
    drop column settled;
alter table purchases rename constraint confirmations_order_id_key to purchases_order_id_key;
create index purchases_open on purchases (account_id) where state in ('paying', 'action_required');

alter table holds add foreign key (purchase_id) references purchases;

-- The answer to a request that began a purchase is what became of it.
alter table request_keys rename column charge_id to purchase_id;
alter index request_keys_of_charge rename to request_keys_of_purchase;
