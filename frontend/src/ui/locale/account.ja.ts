import type en from "./account.en";

export default {} satisfies Record<keyof typeof en, string>;
