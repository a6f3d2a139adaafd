import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { lint } from '../engine/index.ts'

// Sentences and traps written from the catalogue by people who had not seen the patterns (docs/accuracy.md).
// Whoever widens a rule sees here what it loses; `floor.json` is raised when a rule gets better.
interface Case {
  id: string
  rule: string | null
  near: string
  text: string
}
const folder = new URL('batches/', import.meta.url)
const floor: Record<string, { precision: number; recall: number }> = JSON.parse(
  readFileSync(new URL('floor.json', folder), 'utf8'),
)
const cases = readdirSync(folder)
  .filter((name) => name.endsWith('.jsonl'))
  .flatMap((name) => readFileSync(new URL(name, folder), 'utf8').split('\n').filter(Boolean))
  .map((line) => JSON.parse(line) as Case)

describe('unseen sentences once, now remembered', () => {
  test.each(Object.entries(floor))('%s is as right as it was', (rule, least) => {
    const own = cases.filter(({ near }) => near === rule)
    const isFound = ({ text }: Case): boolean => lint(text).messages.some(({ ruleId }) => ruleId === rule)
    const missed = own.filter((one) => one.rule !== null && !isFound(one))
    const wrong = own.filter((one) => one.rule === null && isFound(one))
    const right = own.filter((one) => one.rule !== null).length - missed.length
    const told = [
      ...missed.map(({ id, text }) => `missed ${id}: ${text}`),
      ...wrong.map(({ id, text }) => `wrong ${id}: ${text}`),
    ]
    const precision = Math.round((100 * right) / (right + wrong.length))
    const recall = Math.round((100 * right) / (right + missed.length))
    expect({ precision, recall }, told.join('\n')).toEqual({
      precision: Math.max(precision, least.precision),
      recall: Math.max(recall, least.recall),
    })
  })
  test('every batch belongs to a rule with a floor', () => {
    expect([...new Set(cases.map(({ near }) => near))].sort()).toEqual(Object.keys(floor).sort())
  })
})
