import { stringify } from 'yaml'
import type { Severity } from './severity.ts'

/** What a new rule file says. */
export interface RulePage {
  severity: Severity
  message: string
  /** Those that need rewrites of their own stand in groups. */
  phrases: ReadonlyArray<string | { phrases: string[]; rewrites: string[] }>
  unless: readonly string[]
  rewrites: readonly string[]
  title: string
  /** Why the reader is better off without such words. */
  why: string
  /** Single lines: texts to find, with what the first rewrite makes of them, and texts to leave alone. */
  examples: ReadonlyArray<{ flagged: boolean; text: string; rewritten?: string | undefined }>
}

/** The text of a rule file, as its author would write it. */
export function rulePage({ title, why, examples, unless, rewrites, ...front }: RulePage): string {
  const values = { ...front, ...(unless.length && { unless }), ...(rewrites.length && { rewrites }) }
  const lines = examples.flatMap(({ flagged, text, rewritten }) => [
    `${flagged ? '- ' : '  '}${text}`,
    ...(rewritten === undefined ? [] : [`+ ${rewritten}`]),
  ])
  return `---
${stringify(values, { lineWidth: 0 })}---

# ${title}

${why}

\`\`\`diff
${lines.join('\n')}
\`\`\`
`
}
