"""What a page says of itself before any script: title and link-preview tags, and its gist as plain HTML."""

from html import escape

from msgspec import Struct

from ennichi import locale
from ennichi.catalog import Listing
from ennichi.stores import Store
from ennichi.web.shows import MarketPage
from ennichi.web.snapshot import Snapshot

DESCRIPTION_MAX = 160


class Link(Struct, frozen=True):
    """A line of the gist."""

    href: str
    text: str


class Preview(Struct, frozen=True, kw_only=True):
    """Title, description, picture and the lines below them."""

    title: str
    description: str = ""
    image: str | None = None
    kind: str = "website"
    links: list[Link] = []

    def head(self, base: str, path: str) -> str:
        """The tags for the head; `base` makes addresses absolute, as readers of link previews want them."""
        described = escape(" ".join(self.description.split())[:DESCRIPTION_MAX])
        tags = [
            f"<title>{escape(self.title)}</title>",
            f'<meta name="description" content="{described}">',
            f'<meta property="og:title" content="{escape(self.title)}">',
            f'<meta property="og:description" content="{described}">',
            f'<meta property="og:type" content="{self.kind}">',
            f'<meta property="og:url" content="{escape(base + path)}">',
            '<meta property="og:site_name" content="縁日 Ennichi">',
        ]
        if self.image:
            image = escape(base + self.image)
            tags += [
                f'<meta property="og:image" content="{image}">',
                '<meta name="twitter:card" content="summary_large_image">',
            ]
        return "".join(tags)

    def body(self) -> str:
        """The gist."""
        items = "".join(f'<li><a href="{escape(link.href)}">{escape(link.text)}</a></li>' for link in self.links)
        return f"<h1>{escape(self.title)}</h1><p>{escape(self.description)}</p>" + (
            f"<ul>{items}</ul>" if items else ""
        )


def show_preview(snapshot: Snapshot) -> Preview:
    """A show: who, what, and what is on the table."""
    show = snapshot.show
    return Preview(
        title=f"{show.title} · {snapshot.store.name}",
        description=snapshot.store.story,
        image=show.frame or (show.cover.large if show.cover else None),
        kind="video.other",
        links=[
            Link(f"/listings/{item.listing.id}", f"{item.number}. {item.listing.title} ¥{item.listing.price:,}")
            for item in snapshot.lineup
        ],
    )


def store_preview(store: Store) -> Preview:
    """A stall."""
    return Preview(
        title=store.name, description=store.story, image=store.face.large if store.face else None, kind="profile"
    )


def listing_preview(listing: Listing) -> Preview:
    """A listing with its price."""
    return Preview(
        title=f"{listing.title} ¥{listing.price:,} · {listing.store.name}",
        description=listing.story,
        image=listing.photos[0].large if listing.photos else None,
        kind="product",
    )


def market_preview(page: MarketPage, lang: str) -> Preview:
    """The market: what is on."""
    return Preview(
        title=locale.text(lang, "page.market_title"),
        description=locale.text(lang, "page.market_text"),
        links=[Link(f"/shows/{show.id}", f"{show.store.name}: {show.title}") for show in [*page.live, *page.upcoming]],
    )
