import { defineConfig } from 'vite'

export default defineConfig({
  esbuild: { jsx: 'automatic' },
  build: {
    target: 'es2022',
    // Data in an address would need `data:` in the page's policy for scripts and styles.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: {
      // The dashboard's pages and the hub's: two programs serve them, from one folder.
      input: ['index.html', 'hub.html'],
      // Libraries mark what is for clients only; there is no server that would mind.
      onwarn: (warning, warn) => warning.code === 'MODULE_LEVEL_DIRECTIVE' || warn(warning),
    },
  },
  // `npx vite` in this folder: pages that follow their source, over a dashboard that runs.
  server: { proxy: { '/api': { target: 'http://127.0.0.1:5080', ws: true } } },
})
