import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig, type Plugin } from "vite";

/** Every browser that can run these pages reads woff2; the older format would only double what is shipped. */
function onlyWoff2(): Plugin {
  return {
    name: "only-woff2",
    enforce: "pre",
    transform(code, id) {
      if (!id.includes("/@fontsource/")) return null;
      return { code: code.replace(/,\s*url\([^)]+\.woff\)\s*format\('woff'\)/g, ""), map: null };
    },
  };
}

export default defineConfig({
  base: "/static/",
  plugins: [onlyWoff2(), svelte()],
  build: {
    outDir: "../src/ennichi/web/static",
    emptyOutDir: true,
    manifest: "manifest.json",
    target: "esnext",
    assetsInlineLimit: 0,
    // a page's styles are fetched along with it; listing its scripts, too, would cost the first script more than it saves
    modulePreload: { resolveDependencies: (_, deps) => deps.filter((dep) => dep.endsWith(".css")) },
    rolldownOptions: { input: "src/main.ts" },
  },
  test: { environment: "node", include: ["src/**/*.test.ts"] },
} as Parameters<typeof defineConfig>[0]);
