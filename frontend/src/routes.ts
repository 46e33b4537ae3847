/** Every page, fetched when it is opened. More special paths stand before those with a `:name` in the same place. */
import type { Route } from "./ui/router";

export const routes: readonly Route[] = [
  { path: "/", theme: "paper", areas: ["market"], load: () => import("./market/MarketPage.svelte") },
  { path: "/shows/:id", theme: "night", areas: ["watch"], load: () => import("./watch/WatchPage.svelte") },
  { path: "/shows/:id/studio", theme: "night", areas: ["studio", "watch", "room", "house", "errors"], load: () => import("./studio-live/StudioPage.svelte") },
  { path: "/stores/:handle", theme: "paper", areas: ["store"], load: () => import("./store/StorePage.svelte") },
  { path: "/stores/:handle/legal", theme: "paper", areas: ["store"], load: () => import("./store/LegalPage.svelte") },
  { path: "/listings/:id", theme: "paper", areas: ["store", "checkout"], load: () => import("./store/ListingPage.svelte") },
  { path: "/studio", theme: "paper", areas: ["desk", "law", "orders"], load: () => import("./desk/DeskPage.svelte") },
  { path: "/studio/open", theme: "paper", areas: ["desk"], load: () => import("./desk/OpenStorePage.svelte") },
  { path: "/studio/store", theme: "paper", areas: ["desk", "store", "law"], load: () => import("./desk/StoreSettingsPage.svelte") },
  { path: "/studio/shipping", theme: "paper", areas: ["desk", "store", "law"], load: () => import("./desk/ShippingPage.svelte") },
  { path: "/studio/house", theme: "paper", areas: ["desk", "house"], load: () => import("./house/HousePage.svelte") },
  { path: "/studio/orders", theme: "paper", areas: ["desk", "orders", "selling"], load: () => import("./desk/orders/OrdersDeskPage.svelte") },
  { path: "/studio/money", theme: "paper", areas: ["desk", "money"], load: () => import("./desk/money/MoneyPage.svelte") },
  { path: "/studio/listings/new", theme: "paper", areas: ["desk", "law"], load: () => import("./desk/ListingEditorPage.svelte") },
  { path: "/studio/listings/:id", theme: "paper", areas: ["desk", "law"], load: () => import("./desk/ListingEditorPage.svelte") },
  { path: "/studio/shows/new", theme: "paper", areas: ["desk"], load: () => import("./desk/ShowEditorPage.svelte") },
  { path: "/studio/shows/:id", theme: "paper", areas: ["desk"], load: () => import("./desk/ShowEditorPage.svelte") },
  { path: "/house", theme: "paper", areas: ["house"], load: () => import("./house/OperatorPage.svelte") },
  { path: "/orders", theme: "paper", areas: ["orders"], load: () => import("./orders/OrdersPage.svelte") },
  { path: "/orders/:id", theme: "paper", areas: ["orders", "selling"], load: () => import("./orders/OrderPage.svelte") },
  { path: "/orders/:id/receipt", theme: "paper", areas: ["papers", "orders"], load: () => import("./orders/ReceiptPage.svelte") },
  { path: "/me", theme: "paper", areas: ["account", "checkout"], load: () => import("./account/AccountPage.svelte") },
  { path: "/sign-in", theme: "paper", areas: ["account"], load: () => import("./account/SignInPage.svelte") },
  { path: "/sign-up", theme: "paper", areas: ["account"], load: () => import("./account/SignUpPage.svelte") },
  { path: "/welcome", theme: "paper", areas: ["account"], load: () => import("./welcome/WelcomePage.svelte") },
  { path: "/sandbox/payments/:reference", theme: "paper", areas: ["sandbox"], load: () => import("./sandbox/PaymentPage.svelte") },
  { path: "/demo/mail", theme: "paper", areas: ["account"], load: () => import("./welcome/MailPage.svelte") },
];

export const missing: Route = { path: "*", theme: "paper", areas: [], load: () => import("./welcome/MissingPage.svelte") };
