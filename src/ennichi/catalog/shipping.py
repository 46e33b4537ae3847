"""What it costs to send things: pure rules, by size, by where it goes, together in one parcel, free over an amount.

The dearest thing of a parcel pays its fee; every further unit pays `each_more` of its own shipping (never more than its
own fee). So what goes together never costs more than it would apart, and the order of the things does not matter.
"""

from collections.abc import Iterable, Sequence
from typing import Annotated, Literal, get_args

from msgspec import Meta, Struct
from msgspec.structs import replace

from ennichi.accounts import PREFECTURES
from ennichi.kit.errors import Invalid
from ennichi.kit.text import clean

Size = Literal[60, 80, 100, 120, 140, 160]
"""Length, width and height of the packed thing together, in centimetres, as carriers count."""
SIZES: tuple[int, ...] = get_args(Size)

FeeYen = Annotated[int, Meta(ge=0, le=99_999, description="Yen, tax included.")]
ProfileName = Annotated[str, Meta(max_length=40, description="Empty: the one fee of the store.")]


class Fee(Struct, frozen=True):
    """What a parcel of up to this size costs."""

    up_to: Size
    fee: FeeYen


class Zone(Struct, frozen=True):
    """What parcels to these prefectures cost; without prefectures, to everywhere else."""

    prefectures: Annotated[list[str], Meta(max_length=len(PREFECTURES))]
    fees: Annotated[list[Fee], Meta(min_length=1, max_length=len(SIZES))]


class Shipping(Struct, kw_only=True, frozen=True):
    """A way of charging for shipping: flat, by size, by prefecture, free over an amount."""

    name: ProfileName
    zones: Annotated[list[Zone], Meta(min_length=1, max_length=len(PREFECTURES) + 1)]
    each_more: Annotated[FeeYen, Meta(description="For every further unit in one parcel.")] = 0
    free_over: Annotated[int, Meta(ge=1, le=9_999_999, description="From this sum of goods on it is free.")] | None = (
        None
    )


class Parcel(Struct, frozen=True):
    """Some units of one thing on their way; `amount` is what these goods cost together."""

    shipping: Shipping
    size: Size
    quantity: int
    amount: int


class ShippingCost(Struct, kw_only=True, frozen=True):
    """What sending a single unit of something costs: least and most, by where it goes."""

    least: int
    most: int
    each_more: int = 0
    free_over: int | None = None


def flat(fee: int, name: str = "") -> Shipping:
    """The same fee for everything to everywhere; a parcel with more in it costs no more."""
    return Shipping(name=name, zones=[Zone([], [Fee(160, fee)])])


def fee_for(parcels: Sequence[Parcel], prefecture: str | None) -> int:
    """What it costs to send all of it together; None is a place nobody named yet: the zone for everywhere else."""
    goods = sum(parcel.amount for parcel in parcels)
    paying = [parcel for parcel in parcels if parcel.quantity > 0 and not is_free(parcel.shipping, goods)]
    if not paying:
        return 0
    singles = [single_fee(parcel.shipping, parcel.size, prefecture) for parcel in paying]
    more = [min(parcel.shipping.each_more, single) for parcel, single in zip(paying, singles, strict=True)]
    dearest = max(singles)
    spared = max(extra for extra, single in zip(more, singles, strict=True) if single == dearest)
    return dearest - spared + sum(extra * parcel.quantity for parcel, extra in zip(paying, more, strict=True))


def is_free(shipping: Shipping, goods: int) -> bool:
    """Whether goods of this sum are sent for nothing."""
    return shipping.free_over is not None and goods >= shipping.free_over


def single_fee(shipping: Shipping, size: int, prefecture: str | None) -> int:
    """What one parcel of this size costs, whatever it holds."""
    return _fee_of(_zone(shipping, prefecture), size)


def cost_of(shipping: Shipping, size: int) -> ShippingCost:
    """What a page says of it before anybody said where it goes."""
    fees = [_fee_of(zone, size) for zone in shipping.zones]
    return ShippingCost(least=min(fees), most=max(fees), each_more=shipping.each_more, free_over=shipping.free_over)


def checked(shipping: Shipping) -> Shipping:
    """Fit to keep: sizes rise and reach the largest, no prefecture stands twice, and one zone is for the rest."""
    name = clean(shipping.name)
    wrong = [] if name else [("name", "empty")]
    seen: set[str] = set()
    for n, zone in enumerate(shipping.zones):
        wrong += [(f"zones[{n}].{path}", problem) for path, problem in _wrong_with(zone, seen)]
        seen.update(zone.prefectures)
    if sum(not zone.prefectures for zone in shipping.zones) != 1:
        wrong.append(("zones", "one_for_everywhere_else"))
    if wrong:
        raise Invalid(*wrong)
    return replace(shipping, name=name)


def _wrong_with(zone: Zone, seen: set[str]) -> Iterable[tuple[str, str]]:
    sizes = [fee.up_to for fee in zone.fees]
    if sizes != sorted(set(sizes)) or sizes[-1] != SIZES[-1]:
        yield "fees", "sizes"
    if not PREFECTURES.issuperset(zone.prefectures):
        yield "prefectures", "unknown"
    if len(set(zone.prefectures)) < len(zone.prefectures) or not seen.isdisjoint(zone.prefectures):
        yield "prefectures", "twice"


def _zone(shipping: Shipping, prefecture: str | None) -> Zone:
    rest = shipping.zones[0]
    for zone in shipping.zones:
        if prefecture is not None and prefecture in zone.prefectures:
            return zone
        if not zone.prefectures:
            rest = zone
    return rest


def _fee_of(zone: Zone, size: int) -> int:
    return next((fee.fee for fee in zone.fees if fee.up_to >= size), zone.fees[-1].fee)
