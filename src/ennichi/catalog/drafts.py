"""What sellers type, made fit to keep: pure functions from drafts to rows."""

from collections.abc import Sequence

from msgspec import UNSET
from msgspec.structs import replace

from ennichi.catalog.model import ListingEdit, ListingRow, NewVariant, VariantEdit, VariantRow
from ennichi.kit.errors import Invalid
from ennichi.kit.text import clean, clean_block


def title_of(text: str) -> str:
    """A title as it is kept; Invalid when nothing is left of it."""
    title = clean(text)
    if not title:
        raise Invalid(("title", "empty"))
    return title


def unique_photos(photo_ids: Sequence[str]) -> list[str]:
    """The photos in their order, each once."""
    return list(dict.fromkeys(photo_ids))


def merged(row: ListingRow, edit: ListingEdit) -> ListingRow:
    """The listing as it should be after the edit (its variants apart)."""
    return replace(
        row,
        title=row.title if edit.title is UNSET else title_of(edit.title),
        story=row.story if edit.story is UNSET else clean_block(edit.story),
        condition=row.condition if edit.condition is UNSET else edit.condition,
        price=row.price if edit.price is UNSET else edit.price,
        tax_rate=row.tax_rate if edit.tax_rate is UNSET else edit.tax_rate,
        photo_ids=row.photo_ids if edit.photo_ids is UNSET else unique_photos(edit.photo_ids),
        shipping_id=row.shipping_id if edit.shipping_id is UNSET else edit.shipping_id,
        size=row.size if edit.size is UNSET else edit.size,
        per_buyer=row.per_buyer if edit.per_buyer is UNSET else edit.per_buyer,
        show_former=row.show_former if edit.show_former is UNSET else edit.show_former,
    )


def check_names(variants: Sequence[NewVariant] | Sequence[VariantEdit]) -> list[str]:
    """The cleaned names, in order. One variant may go without; several need different ones."""
    names = [clean(variant.name) for variant in variants]
    wrong = []
    if len(names) > 1:
        for n, name in enumerate(names):
            if not name:
                wrong.append((f"variants[{n}].name", "empty"))
            elif name in names[:n]:
                wrong.append((f"variants[{n}].name", "twice"))
    if wrong:
        raise Invalid(*wrong)
    return names


def check_ids(edits: Sequence[VariantEdit], known: Sequence[VariantRow]) -> None:
    """Every id names a variant of this listing, once."""
    ids = [edit.id for edit in edits]
    existing = {variant.id for variant in known}
    wrong = []
    for n, variant_id in enumerate(ids):
        if variant_id is None:
            continue
        if variant_id not in existing:
            wrong.append((f"variants[{n}].id", "unknown"))
        elif variant_id in ids[:n]:
            wrong.append((f"variants[{n}].id", "twice"))
    if wrong:
        raise Invalid(*wrong)


def added(edit: VariantEdit, name: str) -> NewVariant:
    """A variant that an edit brings in."""
    return NewVariant(
        name=name,
        stock=edit.stock or 0,
        price=None if edit.price is UNSET else edit.price,
        keyword=edit.keyword or "",
    )


def edited(old: VariantRow, edit: VariantEdit, name: str) -> VariantRow:
    """A variant as it should be after the edit, its stock apart."""
    return replace(
        old,
        name=name,
        price=old.price if edit.price is UNSET else edit.price,
        keyword=old.keyword if edit.keyword is None else clean(edit.keyword),
    )
