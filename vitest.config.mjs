import { defineConfig } from 'vitest/config'
import { viteRules } from './rulesplugin.mjs'

export default defineConfig({
  plugins: [viteRules],
  // all cores: most tests wait for a process of their own, and one worker on two cores leaves one idle
  test: { include: ['tests/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000, maxWorkers: '100%' },
})
