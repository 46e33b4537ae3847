import type { Action, Till } from "../../api/trade";
import type { Gateway } from ".";
import { stripeOf } from "./stripe-js";
import StripeCard from "./StripeCard.svelte";

/** Cards are typed into a frame of Stripe's, and the bank's step stands over the page; how it ended, the server asks. */
const stripe: Gateway = {
  CardFields: StripeCard,
  prove: async ({ client_secret }: Action, till: Till) => {
    if (client_secret) await (await stripeOf(till)).handleNextAction({ clientSecret: client_secret });
  },
};
export default stripe;
