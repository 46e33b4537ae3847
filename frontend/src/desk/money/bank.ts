/** A bank account in one line. */
import type { KeptBankAccount } from "../../api/money";
import { t } from "../../ui/i18n";

export const bankLine = (bank: KeptBankAccount): string =>
  t("money.bankLine", { bank: bank.bank_name, branch: bank.branch_name, kind: t(`money.kind.${bank.kind}`), ends: bank.ends });
