import { readFile } from 'node:fs/promises'
import { createTwoFilesPatch } from 'diff'
import type { VFileMessage } from 'vfile-message'
import writeFileAtomic from 'write-file-atomic'
import { rangeOf } from '../engine/finding.ts'
import { applyEdits, type Edit, editOf } from '../engine/fix.ts'
import { placeholdersOf } from '../engine/rewrite.ts'
import { reportFault } from './console.ts'
import { codeOf } from './documents.ts'
import type { LintResult } from './silolint.ts'

/** Writes a document's new text in its old encoding, whole or not at all; a fault where that fails. */
export async function writeDocument({ path, file }: LintResult, source: string): Promise<boolean> {
  try {
    const before = await readFile(file)
    const isLittle = before[0] === 0xff && before[1] === 0xfe
    const isBig = before[0] === 0xfe && before[1] === 0xff
    // the byte order mark is the first character of the text
    const bytes = Buffer.from(source, isLittle || isBig ? 'utf16le' : 'utf8')
    await writeFileAtomic(file, isBig ? bytes.swap16() : bytes)
    return true
  } catch (error) {
    const code = codeOf(error)
    reportFault({
      path,
      problem: `the document cannot be written (${code})`,
      cure: 'Check its permissions and the disk.',
    })
    return false
  }
}

/** The change of a document as a unified diff that git and patch can apply. */
export const diffOf = (path: string, before: string, after: string): string =>
  createTwoFilesPatch(`a/${path}`, `b/${path}`, before, after, undefined, undefined, { context: 3 })
    // the line of equal signs is for Subversion
    .replace(/^=+\n/, '')

/** Shows a finding with its sentence before and after each rewrite and asks which to take. @returns nothing to stop */
async function choose(finding: VFileMessage, { path, source }: LintResult): Promise<string | 'keep' | undefined> {
  const { input, select } = await import('@inquirer/prompts')
  const { start, end } = rangeOf(finding)
  const { sentence = '', actual = '', expected = [] } = finding
  const shown = (rewrite: string): string =>
    sentence.includes(actual) ? sentence.replace(actual, () => rewrite) : rewrite
  process.stderr.write(
    `\n${path}:${start.line}:${start.column}  ${finding.reason}  ${finding.ruleId}\n  ${sentence || source.slice(start.offset, end.offset)}\n`,
  )
  const answer = await select<string>(
    {
      message: 'Which sentence serves the customer?',
      choices: [
        ...expected.map((rewrite, index) => ({ name: `→ ${shown(rewrite)}`, value: String(index) })),
        { name: 'keep it as it is', value: 'keep' },
        { name: 'stop here', value: 'stop' },
      ],
      loop: false,
    },
    { output: process.stderr },
  )
  if (answer === 'stop') return undefined
  const rewrite = expected[Number(answer)]
  if (rewrite === undefined) return 'keep'
  let filled = rewrite
  for (const { start: from, end: to, name } of placeholdersOf(rewrite, actual).reverse()) {
    const words = await input({ message: `[${name}], or nothing to leave it open` }, { output: process.stderr })
    if (words.trim()) filled = filled.slice(0, from) + words.trim() + filled.slice(to)
  }
  return filled
}

/** Goes through the findings of a document with somebody at the terminal. */
export async function fixTogether(result: LintResult): Promise<{ source: string; stopped: boolean }> {
  const edits: Edit[] = []
  for (const finding of result.findings) {
    if (!finding.expected?.length) continue
    const taken = rangeOf(finding)
    if (edits.some(({ start, end }) => start < taken.end.offset && taken.start.offset < end)) continue
    let rewrite: Awaited<ReturnType<typeof choose>>
    try {
      rewrite = await choose(finding, result)
    } catch (error) {
      // Ctrl-C at a question: what was chosen so far is kept
      if (!(error instanceof Error && error.name === 'ExitPromptError')) throw error
    }
    if (rewrite === undefined) return { source: applyEdits(result.source, edits).source, stopped: true }
    if (rewrite !== 'keep') edits.push(editOf(finding, rewrite, result.source))
  }
  return { source: applyEdits(result.source, edits).source, stopped: false }
}
