import type { Explanation } from '../engine/configuration.ts'
import { fromHere } from './console.ts'

/** What is in force for a document as JSON; each value stands on a line of its own, so that grep finds it with its source. */
export function explanationToString(explanation: Explanation): string {
  const line = (value: unknown): string =>
    JSON.stringify(value, (key, one) => (key === 'file' && typeof one === 'string' ? fromHere(one) : one))
  const map = (value: object, indent: string, item: (value: unknown) => string): string => {
    const entries = Object.entries(value)
    if (!entries.length) return Array.isArray(value) ? '[]' : '{}'
    const lines = entries.map(([key, one]) => `${indent}  ${Array.isArray(value) ? '' : `${line(key)}: `}${item(one)}`)
    const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}']
    return `${open}\n${lines.join(',\n')}\n${indent}${close}`
  }
  const shown = {
    ...explanation,
    path: fromHere(explanation.path),
    configurations: explanation.configurations.map(fromHere),
    ...(explanation.baseline !== undefined && { baseline: fromHere(explanation.baseline) }),
  }
  return `${map(shown, '', (value) =>
    typeof value === 'object' && value !== null && !('by' in value)
      ? map(value, '  ', (one) => (Array.isArray(one) ? map(one, '    ', line) : line(one)))
      : line(value),
  )}\n`
}
