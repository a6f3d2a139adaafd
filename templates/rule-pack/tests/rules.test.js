import { test } from 'node:test'
import { testRules } from 'silolint/testing'

testRules(test, new URL('../rules', import.meta.url))
