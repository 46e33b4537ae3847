import type en from "./desk.en";

export default {} satisfies Record<keyof typeof en, string>;
