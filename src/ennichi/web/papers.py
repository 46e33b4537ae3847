"""The papers of an order over HTTP: receipt and packing slip."""

from typing import TYPE_CHECKING, Annotated

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, QueryParameter

from ennichi.orders import Kind, Pdf, Receipt
from ennichi.web.errors import documented
from ennichi.web.orders import ORDER, TAGS, LinkToken
from ennichi.web.session import Actor, AnyRequest, Visitor, language_of

if TYPE_CHECKING:
    from ennichi.app import App

WhichKind = Annotated[
    Kind, QueryParameter(name="kind", description="`simple` (適格簡易請求書), or `full` with a recipient (適格請求書).")
]
To = Annotated[
    str, QueryParameter(name="to", max_length=400, description="Recipient of a full one; else who it was sent to.")
]
Prices = Annotated[bool, QueryParameter(name="prices", description="Whether the slip says what things cost.")]
Words = Annotated[str, QueryParameter(name="message", max_length=2400, description="A word to the buyer on the slip.")]


def routes(app: "App") -> list[HTTPRouteHandler]:
    """The routes of this area."""

    @get(
        f"{ORDER}/receipt",
        tags=TAGS,
        operation_id="getReceipt",
        summary="The receipt of a paid order, as numbers",
        responses=documented(401, 404, 409),
    )
    async def receipt(
        order_id: FromPath[str], visitor: Visitor, kind: WhichKind = "simple", to: To = "", token: LinkToken = ""
    ) -> Receipt:
        return await app.orders.papers.receipt(visitor, order_id, kind=kind, to=to, token=token)

    @get(
        f"{ORDER}/receipt.pdf",
        tags=TAGS,
        operation_id="getReceiptFile",
        summary="The receipt of a paid order, as PDF",
        description="An invoice by which the tax can be deducted (適格請求書) when its issuer is registered. "
        "`?lang=` is `ja` or `en`.",
        media_type="application/pdf",
        responses=documented(401, 404, 409),
    )
    async def receipt_file(
        request: AnyRequest,
        order_id: FromPath[str],
        visitor: Visitor,
        *,
        kind: WhichKind = "simple",
        to: To = "",
        token: LinkToken = "",
    ) -> Response[bytes]:
        pdf = await app.orders.papers.receipt_pdf(
            visitor, order_id, language_of(request), kind=kind, to=to, token=token
        )
        return _pdf(pdf)

    @get(
        f"{ORDER}/packing-slip.pdf",
        tags=TAGS,
        operation_id="getPackingSlip",
        summary="What goes into the parcel, as PDF, for the store's members",
        media_type="application/pdf",
        responses=documented(401, 404, 409),
    )
    async def slip(
        request: AnyRequest,
        order_id: FromPath[str],
        actor: Actor,
        *,
        prices: Prices = False,
        message: Words = "",
    ) -> Response[bytes]:
        pdf = await app.orders.papers.slip_pdf(actor, order_id, language_of(request), prices=prices, message=message)
        return _pdf(pdf)

    return [receipt, receipt_file, slip]


def _pdf(pdf: Pdf) -> Response[bytes]:
    headers = {"Content-Disposition": f'inline; filename="{pdf.name}"', "Cache-Control": "private, no-store"}
    return Response(pdf.content, media_type="application/pdf", headers=headers)
