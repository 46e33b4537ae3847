import type en from "./orders.en";

export default {} satisfies Record<keyof typeof en, string>;
