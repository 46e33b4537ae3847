/** What the room needs once the picture is there. One script, so that all of it is here when the connection goes. */
export { default as Above } from "./Above.svelte";
export { default as Announcer } from "../room/Announcer.svelte";
export { default as Below } from "./Below.svelte";
export { default as Hearts } from "../room/Hearts.svelte";
export { default as Kept } from "./Kept.svelte";
export { default as PictureNotice } from "./PictureNotice.svelte";
export { default as SayHint } from "../room/SayHint.svelte";
export { default as StampTray } from "../room/StampTray.svelte";
export { default as Turns } from "./Turns.svelte";
