/** What shipping costs, before anybody said where to. Needs the words of `store`. */
import type { ShippingCost } from "../api/selling";
import { yen } from "../ui/format";
import { t } from "../ui/i18n";

/** "送料 ¥660", "送料 ¥800〜¥1,500", "送料無料", with what makes it free in brackets. */
export function shippingWords(cost: ShippingCost): string {
  const fee = cost.least === cost.most ? yen(cost.most) : t("listing.shippingRange", { least: yen(cost.least), most: yen(cost.most) });
  const said = cost.most === 0 ? t("listing.shippingFree") : t("listing.shipping", { fee });
  return cost.most > 0 && cost.free_over !== null ? `${said}${t("listing.freeOver", { amount: yen(cost.free_over) })}` : said;
}
