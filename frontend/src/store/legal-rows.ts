/** The lines of a stall's notice under the law on sales at a distance (特定商取引法), in the order of the law. */
import type { Store } from "../api/types";
import { yen } from "../ui/format";
import { t } from "../ui/i18n";

export interface LegalRow {
  name: string;
  text: string;
}

export function legalRows(store: Store, konbini: boolean): LegalRow[] {
  const { legal } = store;
  const stated = (value: string): string => value || t("legal.unwritten");
  const hidden = (value: string): string => (value ? value : legal.on_request ? t("legal.onRequest") : t("legal.unwritten"));
  const rows: [string, string][] = [
    [t("legal.seller"), stated(legal.seller)],
    [t("legal.representative"), legal.representative || (legal.company ? t("legal.unwritten") : "")],
    [t("legal.address"), hidden(legal.address)],
    [t("legal.phone"), hidden(legal.phone)],
    [t("legal.email"), stated(legal.email)],
    [t("legal.license"), legal.antique_license],
    [t("legal.price"), t("legal.priceText")],
    [t("legal.shipping"), t("legal.shippingText", { fee: yen(store.shipping_fee) })],
    [t("legal.otherCosts"), legal.other_costs || t("legal.otherCostsNone")],
    [t("legal.pay"), [t("legal.payText"), konbini ? t("legal.payKonbini") : ""].filter(Boolean).join("\n")],
    [
      t("legal.ships"),
      store.carrier
        ? t("legal.shipsText", { count: store.ships_within_days, carrier: store.carrier })
        : t("legal.shipsTextPlain", { count: store.ships_within_days }),
    ],
    [t("legal.cancellation"), store.cancellation || t("legal.ask")],
    [t("legal.returns"), store.returns || t("legal.ask")],
    [t("legal.invoice"), store.invoice_by_market ? t("legal.invoiceByMarket") : store.invoice_number],
  ];
  return rows.filter(([, text]) => text).map(([name, text]) => ({ name, text }));
}
