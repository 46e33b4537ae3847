import type { Order } from "../api/orders";
import { clock, day } from "../ui/format";
import { t } from "../ui/i18n";
import { noon } from "./words";

/** In a sentence, for its buyer: what happens next, or what happened last. */
export function standing(order: Order): string {
  switch (order.state) {
    case "placed":
      return order.pay_by ? t("order.payUntil", { day: day(order.pay_by), time: clock(order.pay_by) }) : "";
    case "paid":
      return order.cancel_asked ? t("order.asked") : t("order.shipsUntil", { day: day(noon(order.ship_by)) });
    case "shipped":
      return t("order.arrivesBy", { day: day(noon(order.arrives_by)) });
    case "received":
    case "settled": {
      const at = order.history.find((one) => one.what === "received")?.at;
      return at ? t("order.receivedOn", { day: day(at) }) : "";
    }
    case "cancelled": {
      const by = order.history.findLast((one) => one.what === "cancelled")?.by;
      return by === "buyer" || by === "store" ? t(`order.cancelledBy.${by}`) : t("order.cancelledUnpaid");
    }
    case "refunded":
      return t("order.stopped");
  }
}
