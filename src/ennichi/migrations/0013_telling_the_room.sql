-- Owned by checkout: whether the buyer wants the room to know, kept until the purchase is settled.
alter table confirmations add column tell_room boolean not null default false;
