/** Builds the pages of this bench from the product's own player and publisher; nothing of it is shipped. */
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

export default {
  root: here("."),
  base: "./",
  logLevel: "warn",
  resolve: { alias: { "@player": here("../../../frontend/src/player") } },
  build: {
    outDir: here("../../results/video"),
    emptyOutDir: true,
    target: "esnext",
    rolldownOptions: { input: [here("send.html"), here("see.html"), here("floor.html")] },
  },
};
