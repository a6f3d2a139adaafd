import type { Explanation } from '../engine/configuration.ts'
import { fromHere } from './console.ts'
import { count } from './documents.ts'

/**
 * What is in force for a document as JSON; each value stands on a line of its own, so that grep finds it with its source.
 *
 * @param isWhole with the thousands of words that come with Silolint; without, only those words that a file of the team's adds
 */
export function explanationToString(explanation: Explanation, isWhole: boolean): string {
  const line = (value: unknown): string =>
    JSON.stringify(value, (key, one) => (key === 'file' && typeof one === 'string' ? fromHere(one) : one))
  const map = (value: object, indent: string, item: (value: unknown) => string): string => {
    const entries = Object.entries(value)
    if (!entries.length) return Array.isArray(value) ? '[]' : '{}'
    const lines = entries.map(([key, one]) => `${indent}  ${Array.isArray(value) ? '' : `${line(key)}: `}${item(one)}`)
    const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}']
    return `${open}\n${lines.join(',\n')}\n${indent}${close}`
  }
  // what has no file comes with Silolint
  const own = Object.entries(explanation.vocabularies).flatMap(([name, words]) => {
    const added = words.filter(({ file }) => file !== undefined)
    return added.length ? [[name, added]] : []
  })
  const words = Object.values(explanation.vocabularies).flat().length
  const shown = {
    ...explanation,
    ...(!isWhole && {
      vocabularies: Object.fromEntries(own),
      more: `${count(words, 'word')} in ${Object.keys(explanation.vocabularies).length} vocabularies, listed with --format json`,
    }),
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
