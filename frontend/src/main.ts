import { mount } from "svelte";
import { boot } from "./boot";
import "./ui/tokens.css";
import "./ui/base.css";
import App from "./App.svelte";
import { current, fetchAhead, firstPage } from "./open.svelte";
import { loadAreas, setLang } from "./ui/i18n";

setLang(boot.lang);
document.documentElement.lang = boot.lang;
// the text the server wrote stays until the page that replaces it can be drawn whole
await Promise.all([loadAreas(["common"]), firstPage()]);
const target = document.getElementById("app") ?? document.body;
target.replaceChildren();
mount(App, { target });
const whenIdle = window.requestIdleCallback ?? ((then: () => void) => setTimeout(then, 400));
whenIdle(() => {
  void import("@fontsource/m-plus-rounded-1c/700.css");
  // the show itself gets the whole line; pages of paper lead to one another
  if (current().theme === "paper") fetchAhead(["/", "/orders", "/orders/any", "/me"]);
});
