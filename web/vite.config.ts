import { rmSync } from 'node:fs';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/**
 * Empties dist/ of the last build and leaves dist/index.html: that placeholder is committed, so that the Go package
 * compiles, and says what to do, where the web app was never built. Vite's own emptyOutDir would delete it.
 */
function emptyDistButPlaceholder(): Plugin {
  return {
    name: 'empty-dist-but-placeholder',
    apply: 'build',
    buildStart() {
      for (const built of ['assets', 'graphiql.html']) {
        rmSync(new URL(`dist/${built}`, import.meta.url), { recursive: true, force: true });
      }
    },
  };
}

export default defineConfig({
  plugins: [react(), emptyDistButPlaceholder()],
  build: {
    emptyOutDir: false,
    // Files, not data: URLs, so that the content security policy can name the origin alone.
    assetsInlineLimit: 0,
    // Monaco's language services come in one chunk of several hundred kB; nobody waits for them, so no warning.
    chunkSizeWarningLimit: 4096,
    rolldownOptions: {
      input: ['graphiql.html'],
      // GraphiQL's packages carry "use no memo", which speaks to the React compiler; bundling may drop it.
      checks: { moduleLevelDirective: false },
    },
  },
  server: {
    proxy: { '/graphql': 'http://localhost:8080' },
  },
});
