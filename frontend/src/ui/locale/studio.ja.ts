import type en from "./studio.en";

export default {} satisfies Record<keyof typeof en, string>;
