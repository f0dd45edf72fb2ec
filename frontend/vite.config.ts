import { fileURLToPath } from 'node:url'

import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

const backend = process.env.CASEFARM_URL ?? 'http://127.0.0.1:8000'

export default defineConfig(({ command }) => ({
  // The backend serves the built files below /static/app/ (backend/pages/views.py); the dev server below /.
  base: command === 'build' ? '/static/app/' : '/',
  plugins: [react()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    outDir: '../backend/pages/dist',
    emptyOutDir: true,
    manifest: true,
    target: 'es2023',
    // These know light-dark(), which must not be rewritten: Mantine sets the colour scheme at run time.
    cssTarget: ['chrome123', 'firefox128', 'safari17.5'],
  },
  server: {
    proxy: Object.fromEntries(
      ['/api', '/_allauth', '/admin', '/static'].map((path) => [path, { target: backend }]),
    ),
  },
  test: {
    globals: true,
    environment: 'jsdom',
    environmentOptions: { jsdom: { url: 'http://localhost/' } },
    setupFiles: ['./src/testing/setup.ts'],
    include: ['src/**/*.test.{ts,tsx}'],
    css: false,
    restoreMocks: true,
    testTimeout: 60_000,
  },
}))
