import type en from "./store.en";

export default {} satisfies Record<keyof typeof en, string>;
