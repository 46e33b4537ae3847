/** What a shipping profile comes to, in a line or two. */
import type { Shipping, Zone } from "../api/selling";
import { yen } from "../ui/format";
import { currentLang, t } from "../ui/i18n";
import { inRegions, prefectureName } from "./regions";

/** Each zone with what it costs: "北海道 ¥1,300〜¥3,000". */
export function zoneWords(shipping: Shipping): { where: string; fee: string }[] {
  return shipping.zones.map((zone) => ({ where: whereWords(zone, shipping.zones.length > 1), fee: feeWords(zone) }));
}

function whereWords(zone: Zone, several: boolean): string {
  if (!zone.prefectures.length) return t(several ? "sending.elsewhere" : "sending.everywhere");
  const { regions, single } = inRegions(zone.prefectures);
  return [...regions.map((region) => t(`region.${region}`)), ...single.map((name) => prefectureName(name, currentLang()))].join(currentLang() === "ja" ? "・" : ", ");
}

function feeWords(zone: Zone): string {
  const fees = zone.fees.map((fee) => fee.fee);
  const [least, most] = [Math.min(...fees), Math.max(...fees)];
  return least === most ? yen(least) : t("listing.shippingRange", { least: yen(least), most: yen(most) });
}
