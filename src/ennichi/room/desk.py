"""The questions of one show, in memory: who asked what, which is answered, which are one and the same.

A desk lives as long as its room, and every step returns what has to be posted there in one go. Nothing here waits, so
steps never get between each other: the order of the steps is the order of the feed and of the books. What the desk
knows may be ahead of what the room shows by the tick that is not out yet.
"""

from collections.abc import Iterable

from msgspec import Struct, structs

from ennichi.room.books import NOBODY, Asking, HeadMoved, Merged, Postings
from ennichi.room.errors import QuestionGone, QuestionNotFound
from ennichi.room.events import Answering, AskedMoved, LineRemoved, QuestionMoved
from ennichi.room.folding import of_the_house
from ennichi.room.log import STAFF
from ennichi.room.model import LEFT_THE_QUEUE, Asked, Line, Question, QuestionState


class Sense(Struct, frozen=True):
    """What a question means, as far as a program can tell: its folded text, and the listing it is about."""

    folded: str
    about: str | None

    def same(self, other: "Sense") -> bool:
        """Whether two questions are one. Of different listings they are when they are about the stall itself."""
        if not self.folded or self.folded != other.folded:
            return False
        return self.about == other.about or None in (self.about, other.about) or of_the_house(self.folded)


class Entry(Struct, kw_only=True):
    """A question with everyone who asked it. `lines` asks it in their order; one of them is its head.

    `hidden`: heard by its author alone, who must not notice that nobody will ever answer.
    """

    question: Question
    lines: list[Line]
    askers: set[str]
    senses: list[Sense]
    hidden: bool = False

    def means(self, sense: Sense) -> None:
        """One more line asks it, in this sense.

        What was about nothing in particular is about a listing from then on: a question about another one must not
        come in through it.
        """
        known = [one for one in self.senses if one.folded == sense.folded]
        if not known:
            self.senses.append(sense)
        elif sense.about is not None and all(one.about is None for one in known):
            self.senses[self.senses.index(known[0])] = sense

    @property
    def asked(self) -> Asked:
        """As one who asked sees it."""
        q = self.question
        return Asked(
            id=q.id,
            text=q.line.text,
            listing_id=q.line.listing_id,
            state=q.state,
            asked=q.asked,
            answer=q.answer,
            media_ms=q.media_ms,
        )


class Desk:
    """The questions of one show."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self._entries = {entry.question.id: entry for entry in entries}
        self._head = {line.id: key for key, entry in self._entries.items() for line in entry.lines}

    def waiting(self) -> list[Question]:
        """The open and answering questions, oldest first."""
        found = [q for q in self.questions() if q.state not in LEFT_THE_QUEUE]
        return sorted(found, key=lambda question: question.line.offset)

    def questions(self) -> list[Question]:
        """Every question the staff sees, in no order."""
        return [entry.question for entry in self._entries.values() if not entry.hidden]

    @property
    def answering(self) -> Question | None:
        """The one that is being answered."""
        return next((q for q in self.questions() if q.state == "answering"), None)

    def asked_by(self, account_id: str) -> list[Asked]:
        """What this person asked, the newest question first."""
        own = [entry.asked for entry in self._entries.values() if account_id in entry.askers]
        return sorted(own, key=lambda asked: asked.id, reverse=True)

    def ask(self, line: Line, sense: Sense, *, hidden: bool = False) -> Postings:
        """A line asks: a new question, or one more who asks an old one."""
        asker = line.account.id
        entry = self._match(sense, asker, hidden=hidden)
        asking = Asking(
            line_id=line.id,
            question_id=entry.question.id if entry else line.id,
            account_id=asker,
            folded=sense.folded,
            about=sense.about,
        )
        if entry is None:
            question = Question(id=line.id, line=line, state="open")
            entry = Entry(question=question, lines=[line], askers={asker}, senses=[sense], hidden=hidden)
            self._entries[line.id] = entry
            self._head[line.id] = line.id
            return [(asking, NOBODY), *self._news(entry)]
        entry.lines.append(line)
        self._head[line.id] = entry.question.id
        entry.means(sense)
        if asker in entry.askers:
            return [(asking, NOBODY)]  # they know already
        entry.askers.add(asker)
        entry.question = structs.replace(entry.question, asked=len(entry.askers))
        return [(asking, NOBODY), *self._news(entry)]

    def move(self, question_id: str, state: QuestionState, media_ms: int | None) -> tuple[Question, Postings]:
        """Take up, answer, drop or put back. Taking one up puts the one that was being answered back."""
        entry = self._entry(question_id)
        before = entry.question
        if before.state == state:
            return before, []
        postings: Postings = []
        if state == "answering":
            postings += self.put_back(silent=True)
        taken_up = {"answering": media_ms, "open": None}.get(state, before.media_ms)
        entry.question = structs.replace(before, state=state, media_ms=taken_up)
        postings += self._news(entry)
        if before.state == "answering":
            postings.append((Answering(None), None))
        return entry.question, postings

    def put_back(self, *, silent: bool = False) -> Postings:
        """Nothing is being answered any more. `silent`: another one will be at once."""
        current = self.answering
        if current is None:
            return []
        entry = self._entries[current.id]
        entry.question = structs.replace(current, state="open", media_ms=None)
        postings = self._news(entry)
        return postings if silent else [*postings, (Answering(None), None)]

    def answer(self, question_id: str, text: str) -> tuple[Question, Postings]:
        """Answer in writing, or write the answer anew."""
        entry = self._entry(question_id)
        before = entry.question
        entry.question = structs.replace(before, state="answered", answer=text)
        postings = self._news(entry)
        if before.state == "answering":
            postings.append((Answering(None), None))
        return entry.question, postings

    def merge(self, question_id: str, into: str) -> tuple[Question, Postings]:
        """Two questions that wait are one: `into`, asked by everyone who asked either."""
        gone, entry = self._entry(question_id), self._entry(into)
        for one in (gone.question, entry.question):
            if one.state in LEFT_THE_QUEUE:
                raise QuestionGone(question_id=one.id, state=one.state)
        state, taken_up = entry.question.state, entry.question.media_ms
        if gone.question.state == "answering":
            state, taken_up = "answering", gone.question.media_ms
        gone.question = structs.replace(gone.question, state="merged")
        postings: Postings = [(Merged(question_id=question_id, into=into), NOBODY), *self._news(gone)]
        del self._entries[question_id]
        for line in gone.lines:
            self._head[line.id] = into
        entry.lines = sorted([*entry.lines, *gone.lines], key=lambda line: line.id)
        entry.askers |= gone.askers
        for sense in gone.senses:
            entry.means(sense)
        entry.question = structs.replace(entry.question, state=state, media_ms=taken_up, asked=len(entry.askers))
        return entry.question, [*postings, *self._news(entry)]

    def remove(self, line_id: str) -> Postings:
        """A line is taken out. Its question goes with it only when no other line asks the same."""
        postings: Postings = [(LineRemoved(line_id), None)]
        head = self._head.pop(line_id, None)
        if head is None:
            return postings
        entry = self._entries[head]
        entry.lines = [line for line in entry.lines if line.id != line_id]
        if head != line_id:
            return postings
        del self._entries[head]
        if not entry.lines:
            return postings
        first = entry.lines[0]
        entry.question = structs.replace(entry.question, id=first.id, line=first)
        self._entries[first.id] = entry
        for line in entry.lines:
            self._head[line.id] = first.id
        return [(HeadMoved(question_id=line_id, to=first.id), NOBODY), *postings, *self._news(entry)]

    def _news(self, entry: Entry) -> Postings:
        """A question as it is now, to everyone it concerns: of several in one tick the last one is told alone."""
        told: Postings = [(AskedMoved(entry.asked), tuple(sorted(entry.askers)))]
        if not entry.hidden:
            told.insert(0, (QuestionMoved(entry.question), STAFF))
        if entry.question.state == "answering":
            told.append((Answering(entry.question), None))
        return told

    def _entry(self, question_id: str) -> Entry:
        entry = self._entries.get(question_id)
        if entry is None and (head := self._head.get(question_id)) and not self._entries[head].hidden:
            raise QuestionGone(question_id=question_id, state="merged", into=head)
        if entry is None or entry.hidden:
            raise QuestionNotFound
        return entry

    def _match(self, sense: Sense, asker: str, *, hidden: bool) -> Entry | None:
        """The question this one is: one that waits, else one with an answer to be read at once."""
        same = [
            entry
            for entry in self._entries.values()
            if entry.hidden == hidden
            and (not hidden or asker in entry.askers)
            and any(sense.same(other) for other in entry.senses)
        ]
        waiting = next((e for e in same if e.question.state not in LEFT_THE_QUEUE), None)
        return waiting or next(
            (e for e in reversed(same) if e.question.state == "answered" and e.question.answer), None
        )
