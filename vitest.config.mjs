import { defineConfig } from 'vitest/config'
import { viteRules } from './rulesplugin.mjs'

export default defineConfig({
  plugins: [viteRules],
  test: { include: ['tests/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000 },
})
