-- Owned by stores: people who keep order in the store's rooms; selling stays the owners'.
alter table store_members drop constraint store_members_role_check;
alter table store_members add check (role in ('owner', 'moderator'));
