import type en from "./market.en";

export default {} satisfies Record<keyof typeof en, string>;
