/** Builds the page of this bench from the product's own component; nothing of it is shipped. */
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const product = here("../../../frontend/src/main.ts");
const { svelte } = await import(pathToFileURL(createRequire(product).resolve("@sveltejs/vite-plugin-svelte")));

/** The page uses the very Svelte that the product's component uses. */
const sameSvelte = {
  name: "same-svelte",
  enforce: "pre",
  resolveId(id, importer) {
    return id === "svelte" && importer?.startsWith(here(".")) ? this.resolve(id, product, { skipSelf: true }) : null;
  },
};

export default {
  root: here("."),
  base: "./",
  logLevel: "warn",
  plugins: [sameSvelte, svelte({ configFile: false })],
  resolve: { alias: { "@product": here("../../../frontend/src") } },
  build: {
    outDir: here("../../results/danmaku"),
    emptyOutDir: true,
    target: "esnext",
    rolldownOptions: { input: [here("alone.html")] },
  },
};
