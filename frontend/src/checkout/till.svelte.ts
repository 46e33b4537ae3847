import type { Till } from "../api/trade";
import { session } from "../session.svelte";

const SANDBOX: Till = { gateway: "sandbox", methods: ["card"], publishable_key: null };

/** The payment house behind the counter of this market. */
export const till = (): Till => session.me.till ?? SANDBOX;
