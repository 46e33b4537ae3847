"""Whatever people can do at a show, chosen by small numbers: for tests that let everything happen."""

from typing import Any

from tests.support.festival import Festival

from ennichi.accounts import Account
from ennichi.catalog import ListingEdit, VariantEdit
from ennichi.checkout import Hold, NewHold, NewPurchase
from ennichi.moderation import RuleChanges
from ennichi.room import Line, NewVote


class Doings:
    """One show's people at work. A number that names nothing names something else; where there is nothing, nothing."""

    def __init__(self, festival: Festival, show_id: str, listing_ids: list[str], moderator: Account) -> None:
        self.festival = festival
        self.app = festival.app
        self.show_id = show_id
        self.listing_ids = listing_ids
        self.moderator = moderator
        self.holds: list[tuple[Account, Hold]] = []

    def buyer(self, who: int) -> Account:
        """Somebody who is nobody to the store."""
        return self.festival.buyers[who % len(self.festival.buyers)]

    def staff(self, who: int) -> Account:
        """The owner or the moderator."""
        return (self.festival.keeper, self.moderator)[who % 2]

    async def say(self, who: int, text: str, *, question: bool = False, listing: int | None = None) -> None:
        """Anyone says something."""
        people = [*self.festival.buyers, self.festival.keeper, self.moderator]
        about = None if listing is None else self.listing_ids[listing % 3]
        actor = people[who % len(people)]
        await self.app.room.say(actor, self.show_id, text, question=question, listing_id=about)

    async def stamp(self, who: int) -> None:
        """Anyone shows a picture."""
        await self.app.room.stamp(self.buyer(who), self.show_id, "clap")

    async def pin(self, listing: int | None) -> None:
        """The owner shows something, or nothing."""
        chosen = None if listing is None else self.listing_ids[listing % 3]
        await self.app.shows.pin(self.festival.keeper, self.show_id, chosen)

    async def set_lineup(self, order: list[int]) -> None:
        """The owner changes the line-up."""
        await self.app.shows.set_lineup(self.festival.keeper, self.show_id, [self.listing_ids[n] for n in order])

    async def edit(self, listing: int, stock: int, title: str | None) -> None:
        """The owner edits a listing."""
        listing_id = self.listing_ids[listing % 3]
        now = await self.app.catalog.get(listing_id)
        variants = [VariantEdit(id=v.id, name=v.name, stock=stock + n) for n, v in enumerate(now.variants)]
        edit = ListingEdit(variants=variants, title=title) if title else ListingEdit(variants=variants)
        await self.app.catalog.edit(self.festival.keeper, listing_id, edit)

    async def archive(self, listing: int, archived: bool) -> None:
        """The owner puts a listing away or brings it back."""
        await self.app.catalog.archive(self.festival.keeper, self.listing_ids[listing % 3], archived=archived)

    async def take(self, who: int, listing: int, quantity: int) -> None:
        """A buyer holds something."""
        buyer = self.buyer(who)
        found = await self.app.catalog.get(self.listing_ids[listing % 3])
        variant = found.variants[who % len(found.variants)]
        wanted = NewHold(variant_id=variant.id, quantity=quantity, show_id=self.show_id)
        self.holds.append((buyer, await self.app.checkout.take(buyer, wanted, self.app.ids.new())))

    async def buy(self, who: int, listing: int) -> None:
        """A buyer holds something and pays."""
        await self.take(who, listing, 1)
        await self.conclude(len(self.holds) - 1, confirm=True)

    async def conclude(self, which: int, confirm: bool) -> None:
        """A buyer pays, and lets the room know, or lets go."""
        if not self.holds:
            return
        buyer, hold = self.holds.pop(which % len(self.holds))
        if confirm:
            hold = await self.app.checkout.get(buyer, hold.id)
            wanted = NewPurchase(hold_ids=[hold.id], total=hold.totals.total)
            await self.app.checkout.buy(buyer, wanted, self.app.ids.new())
            await self.app.room.tell_bought(buyer, self.show_id, hold.listing.id, hold.quantity)
        else:
            await self.app.checkout.release(buyer, hold.id)

    async def move_question(self, who: int, which: int, state: Any) -> None:
        """The staff moves a question."""
        if line := await self._line(which, question=True):
            await self.app.room.questions.move(self.staff(who), self.show_id, line.id, state)

    async def answer(self, who: int, which: int, pin: bool) -> None:
        """The staff answers in writing."""
        if line := await self._line(which, question=True):
            await self.app.room.questions.answer(self.staff(who), self.show_id, line.id, f"Answer {which}", pin=pin)

    async def merge(self, which: int, into: int) -> None:
        """The staff puts two questions together."""
        waiting = (await self.app.room.open(self.show_id)).now.questions
        if waiting:
            one, other = waiting[which % len(waiting)], waiting[into % len(waiting)]
            await self.app.room.questions.merge(self.moderator, self.show_id, one.id, other.id)

    async def remove(self, who: int, which: int) -> None:
        """The staff takes a line out, also one that not everyone hears."""
        if line := await self._line(which):
            await self.app.moderation.remove_line(self.staff(who), self.show_id, line.id)

    async def notice(self, who: int, which: int | None) -> None:
        """The staff lets a line stay over the chat, or words of its own, or nothing."""
        if which is None:
            await self.app.room.notices.take_away(self.staff(who), self.show_id)
        elif which % 3 and (line := await self._line(which)):
            await self.app.room.notices.show_line(self.staff(who), self.show_id, line.id)
        else:
            await self.app.room.notices.show_text(self.staff(who), self.show_id, f"Notice {which}")

    async def begin_vote(self, options: int) -> None:
        """The staff asks the room."""
        vote = NewVote(question="Which?", options=[f"No. {n}" for n in range(2 + options % 3)])
        await self.app.room.votes.begin(self.moderator, self.show_id, vote)

    async def choose(self, who: int, option: int) -> None:
        """A buyer chooses."""
        if vote := (await self.app.room.open(self.show_id)).now.vote:
            await self.app.room.votes.choose(self.buyer(who), self.show_id, vote.id, option % len(vote.options))

    async def end_vote(self, away: bool) -> None:
        """The staff closes the vote, or puts it away."""
        if vote := (await self.app.room.open(self.show_id)).now.vote:
            end = self.app.room.votes.put_away if away else self.app.room.votes.close
            await end(self.festival.keeper, self.show_id, vote.id)

    async def change_rules(self, shield: bool, slow_s: int, followers_only: bool) -> None:
        """The staff keeps the house otherwise."""
        changes = RuleChanges(shield=shield, slow_s=slow_s, followers_only=followers_only)
        await self.app.moderation.change_rules(self.moderator, self.festival.store.id, changes)

    async def block(self, who: int, blocked: bool) -> None:
        """The staff blocks somebody, or lets them speak again."""
        doing = self.app.moderation.block if blocked else self.app.moderation.unblock
        await doing(self.festival.keeper, self.festival.store.id, self.buyer(who).id)

    async def appoint(self, appointed: bool) -> None:
        """The owner dismisses the moderator, or takes them back."""
        doing = self.app.moderation.appoint if appointed else self.app.moderation.dismiss
        await doing(self.festival.keeper, self.festival.store.id, self.moderator.id)

    async def report(self, who: int, which: int) -> None:
        """A buyer reports a line."""
        if line := await self._line(which):
            await self.app.moderation.report(self.buyer(who), self.show_id, line.id, "spam", "")

    async def settle(self) -> None:
        """The owner deals with a report."""
        house = await self.app.moderation.house(self.festival.keeper, self.festival.store.id)
        if house.reports:
            await self.app.moderation.settle(self.festival.keeper, self.festival.store.id, house.reports[0].id)

    async def _line(self, which: int, *, question: bool = False) -> Line | None:
        room = await self.app.room.open(self.show_id)
        lines = [line for line in room.seen_by(None, "owner") if line.question or not question]
        return lines[which % len(lines)] if lines else None
