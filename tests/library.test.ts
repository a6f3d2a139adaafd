import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import remarkParse from 'remark-parse'
import remarkRetext from 'remark-retext'
import retextEnglish from 'retext-english'
import retextStringify from 'retext-stringify'
import { unified } from 'unified'
import type { Position } from 'unist'
import { describe, expect, test } from 'vitest'
import retextSilo, { lint, retextSilo as named, severityOf } from '../dist/index.js'

const text = 'Engineering throws the build over the wall to Support.\n'

describe('as a library', () => {
  test('a retext pipeline gives messages with their rewrites', async () => {
    const file = await unified().use(retextEnglish).use(retextSilo).use(retextStringify).process(text)
    expect(String(file)).toBe(text)
    expect(file.messages).toMatchObject([
      {
        ruleId: 'over-the-wall',
        source: 'silolint',
        actual: 'throws the build over the wall to Support',
        expected: expect.arrayContaining(['stays with the build until [customer] has [outcome]']),
        place: { start: { line: 1, column: 13, offset: 12 }, end: { line: 1, column: 54, offset: 53 } },
      },
    ])
    expect(named).toBe(retextSilo)
  })

  test('options are those of a configuration file', async () => {
    const off = await unified()
      .use(retextEnglish)
      .use(retextSilo, { rules: { 'over-the-wall': 'off' } })
      .use(retextStringify)
      .process(text)
    expect(off.messages).toEqual([])
    const raised = await unified()
      .use(retextEnglish)
      .use(retextSilo, { rules: { 'over-the-wall': 'error' } })
      .use(retextStringify)
      .process(text)
    expect(raised.messages.map(severityOf)).toEqual(['error'])
  })

  test('an option that cannot be used is an error that says so', () => {
    expect(() =>
      unified()
        .use(retextEnglish)
        .use(retextSilo, { rules: { 'over-the-wal': 'off' } })
        .freeze(),
    ).toThrow(/no such rule.*Did you mean "over-the-wall"/)
  })

  test('runs where nothing else has been loaded', async () => {
    const script = "import { lint } from './dist/index.js'; console.log(lint('That is not our job.').messages.length)"
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script])
    expect(stdout).toBe('1\n')
  })

  test('by way of remark, positions are those of the Markdown', async () => {
    const source = `# Build\n\n*Engineering* throws the **build** over the wall to Support.\n`
    const file = await unified()
      .use(remarkParse)
      .use(remarkRetext, unified().use(retextEnglish).use(retextSilo))
      .use(retextStringify)
      .process(source)
    const [finding] = file.messages
    expect(finding?.ruleId).toBe('over-the-wall')
    const place = finding?.place as Position
    expect(source.slice(place.start.offset, place.end.offset)).toBe('throws the **build** over the wall to Support')
  })

  test('lint gives the findings of a whole document, in order', () => {
    const source =
      '# Steps\n\n1. Approval must be obtained before the order is placed.\n\nPassword resets are not our responsibility.\n'
    const file = lint(source, { path: 'orders.md' })
    expect(file.path).toBe('orders.md')
    expect(file.messages.map(({ ruleId }) => ruleId)).toEqual(['unowned-step', 'disowning'])
    for (const { actual, place } of file.messages) {
      const { start, end } = place as Position
      expect(actual).toBe(source.slice(start.offset, end.offset))
    }
  })

  test('plain text and Markdown are told apart by the path, or by the format', () => {
    expect(lint('`not our responsibility`', { path: 'a.md' }).messages).toEqual([])
    expect(lint(`    ${text}`).messages).toEqual([])
    expect(lint(`    ${text}`, { path: 'a.txt' }).messages).toHaveLength(1)
    expect(lint(`    ${text}`, { format: 'text' }).messages).toHaveLength(1)
  })

  test('the package says where it is', () => {
    const manifest = JSON.parse(readFileSync('package.json', 'utf8'))
    expect(readFileSync(manifest.exports['.'].default, 'utf8')).toContain('retextSilo')
    expect(readFileSync(manifest.types, 'utf8')).toContain('types/cli/index.js')
    expect(readFileSync(manifest.bin.silolint, 'utf8')).toMatch(/^#!\/usr\/bin\/env node/)
  })
})
