/** A bank account in one line. */
import type { KeptBankAccount } from "../../api/money";
import { t } from "../../ui/i18n";

/** Banks keep names in half-width kana; people read full-width ones more easily. */
export const wide = (kana: string): string => kana.normalize("NFKC");

export const bankLine = (bank: KeptBankAccount): string =>
  t("money.bankLine", { bank: wide(bank.bank_name), branch: wide(bank.branch_name), kind: t(`money.kind.${bank.kind}`), ends: bank.ends });
