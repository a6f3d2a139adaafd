import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Sources } from '../engine/catalogue.ts'
import { createLinter } from '../engine/linter.ts'
import { PhraseError, parsePhrase } from '../engine/phrase.ts'
import { readGuard, readRule, readSector, readVocabulary } from '../engine/rulefile.ts'
import { folderWith, silolint } from './command.ts'

const many = 10_000
const page = '# Wall\n\nA page.\n'
const front = (yaml: string): string => `---\n${yaml}\n---\n\n${page}`
const rule = (phrases: readonly string[], more = ''): string =>
  front(`severity: warning\nmessage: m\nphrases:\n${phrases.map((one) => `  - ${one}`).join('\n')}\n${more}`)
const numbered = (text: (index: number) => string, count = many): string[] =>
  Array.from({ length: count }, (_, i) => text(i))

/** Each of these is one file; a person or a program that means harm could put it into a repository. */
const hostile: Record<string, string> = {
  '10,000 faulty phrases': rule(numbered((index) => `word${index} (of`)),
  '10,000 unknown keys': rule(['a b'], numbered((index) => `key${index}: 1`).join('\n')),
  '10,000 names in a message': rule(['a b']).replace('message: m', `message: ${'$a '.repeat(6000)}`),
  'an alternation of 100,000': rule([numbered((index) => `w${index}`, 100_000).join('/')]),
  'an alternation of rows': rule([`(${numbered((index) => `w${index} x`).join(' / ')})`]),
  'a word of a million letters': rule(['a'.repeat(1_000_000)]),
  'groups 100,000 deep': rule([`${'('.repeat(100_000)}a${')'.repeat(100_000)}`]),
  'groups 1,000 deep': rule([`${'('.repeat(1000)}a${')'.repeat(1000)}`]),
  'lists 9,000 deep': rule([`${'['.repeat(9000)}a${']'.repeat(9000)}`]),
  'lists that are never closed': rule(['['.repeat(9000)]),
  'maps 4,000 deep': rule([`${'{a: '.repeat(4000)}a${'}'.repeat(4000)}`]),
  'maps below one another': front(numbered((index) => `${' '.repeat(index)}a:`, 1500).join('\n')),
  'dashes in a row': front(`${'- '.repeat(9000)}a`),
  'question marks in a row': front(`${'? '.repeat(9000)}a`),
  'aliases that multiply': front(
    ['a: &a [x, x, x, x, x, x, x, x, x]']
      .concat(
        [...'bcdefghij'].map((name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghi'[i]}`).join(', ')}]`),
      )
      .join('\n'),
  ),
  'an alias of itself': front('a: &a [*a]'),
  'a text that is never closed': front(`message: "${'a\n'.repeat(100_000)}`),
  'colons in a row': rule(['a: '.repeat(6000)]),
  'texts in a row': rule(['"a" '.repeat(100_000)]),
  'gaps in a row': rule([`a ${'… '.repeat(1000)} b`]),
  'barred words in a row': rule([`a ${numbered((index) => `(!x${index})?`, 30).join(' ')} b`]),
  'barred words in choices': rule([`a ${numbered((index) => `(!x${index} / !y${index})`, 30).join(' ')} b`]),
  'words that may be left out': rule([`a ${'(x/$word)?'.repeat(380)} b`]),
  'a title of blanks': front('severity: info').replace('# Wall', `#${' '.repeat(19_000)}`),
  'no end of the front matter': `---\n${'--- x\n'.repeat(100_000)}`,
  'a file of 3 MB': rule(numbered((index) => `word${index} ${'of '.repeat(100)}`)),
  'wrong types': front(
    'severity: [1, {a: 2}]\nmessage: {b: []}\nphrases: {c: 3}\nunless: 4\nneeds: null\nsafe: 5\nin: 6\nunit: []',
  ),
  'wrong types in a group': rule(['[a, [b]]', 'null', '{phrases: {a: 1}}', '{rewrites: 3}', '1.5', 'true']),
  'names of JavaScript': front('__proto__: {severity: info}\nconstructor: 1\ntoString: 2\nhasOwnProperty: 3'),
  'control characters': rule(['"a\\u0000b\\u001bc"', '\u0001\u0002']),
  nothing: '',
}

describe('a hostile rule file is told with its place', () => {
  test.each(Object.entries(hostile))('%s', (_, text) => {
    const { rule: read, faults } = readRule({ path: 'a.md', text }, ['mention'], false)
    expect(read).toBeUndefined()
    const [first] = faults
    expect(first?.path).toBe('a.md')
    expect(first?.line).toBeGreaterThan(0)
    expect(first?.column).toBeGreaterThan(0)
    expect(first?.problem).not.toMatch(/call stack|undefined|\[object/)
    expect(first?.cure).toMatch(/\.$/)
    // the other readers take the same text for something else, and none of them throws
    readGuard({ path: 'a.md', text })
    readVocabulary({ path: 'a.md', text })
    readSector({ path: 'a.md', text })
  })

  test('blanks and headings without end cost a list no more than their length', () => {
    for (const text of [
      `- a${' '.repeat(19_000)}b\n`.repeat(50),
      '## a\n- b\n'.repeat(50_000),
      `## a${' '.repeat(19_000)}b\n`.repeat(50),
      `# t\n\nx${' '.repeat(19_000)}y\n`.repeat(50),
    ]) {
      expect(readSector({ path: 'a.md', text }).faults.length).toBeLessThanOrEqual(50)
      expect(readVocabulary({ path: 'a.md', text }).faults.length).toBeLessThanOrEqual(50)
      readRule({ path: 'a.md', text: rule(['a b']) + text }, [], false)
    }
  })
})

const layer = (texts: readonly string[], vocabularies: Record<string, string> = {}): Sources => ({
  rules: texts.map((text, index) => ({ path: `r${index}.md`, text })),
  guards: [],
  vocabularies: Object.entries(vocabularies).map(([name, text]) => ({ path: `${name}.md`, text })),
  ...{ roles: [], sectors: [], code: {} },
})
const sentence = 'We throw build over the wall to a b c d e then x thing1 word1 of build build zebra. '

describe('phrases that mean harm cost no more than their number', () => {
  test.each([
    ['10,000 phrases', numbered((index) => `word${index} of thing${index}`)],
    ['10,000 with one beginning', numbered((index) => `throw … over … thing${index}`)],
    ['10,000 that begin with any word', numbered((index) => `$word … $word thing${index}`)],
    ['2,000 that begin with any word and a gap', numbered((index) => `$word … x${index}? … zebra`, 2000)],
    ['as many gaps as there may be', [`throw ${'… $word '.repeat(12)} zebra`, `throw ${'… '.repeat(12)} zebra`]],
    ['as many barred words as there may be', [`throw ${numbered((index) => `(!x${index})?`, 8).join(' ')} zebra`]],
    ['as many left out as there may be', [`throw ${'(x/$word)? '.repeat(40)} zebra`]],
    ['groups as deep as they may be', [`throw ${'(a '.repeat(20)}${')?'.repeat(20)} zebra`]],
  ])('%s', (_, phrases) => {
    const { linter, faults } = createLinter([layer([rule(phrases)])], { rules: {} })
    expect(faults).toEqual([])
    expect(linter.lint(sentence.repeat(5)).messages.length).toBeLessThanOrEqual(5)
  })

  test('vocabularies that multiply, or lead in a circle', () => {
    const names = [...'abcdefghijklmnopqrstuvwxyz']
    const doubling = Object.fromEntries(
      names.map((name, index) => {
        const next = names[index + 1]
        return [`v${name}`, next ? `- $v${next} $v${next}\n- $v${next}\n` : '- build\n']
      }),
    )
    const { linter } = createLinter([layer([rule(['throw $va over'])], doubling)], { rules: {} })
    expect(linter.lint(sentence.repeat(20)).messages).toHaveLength(20)
    const circle = { va: '- $vb\n- build\n', vb: '- $va\n' }
    const { linter: other, faults } = createLinter([layer([rule(['throw $va over'])], circle)], { rules: {} })
    expect(faults.map(({ problem }) => problem)).toEqual(['the vocabularies $vb and $va use each other in a circle'])
    expect(other.lint(sentence).messages).toHaveLength(1)
  })
})

describe('a fuzzer finds nothing that throws', () => {
  const bit = fc.constantFrom(
    ...['a', 'throw', 'the', '$word', '$served', '$nothing', '…', '...', '(', ')', '/', ' / ', '?', '!', '^', '.', ','],
    ...[
      ' ',
      ' ',
      '"',
      '“',
      "'s",
      '+ed',
      '+ly',
      '$',
      '-',
      '–',
      ':',
      '\\',
      '*',
      '[',
      ']',
      '\u0000',
      '\uD800',
      'é',
      '漢',
      '😀',
    ],
  )
  const phrase = fc.array(bit, { maxLength: 40 }).map((bits) => bits.join(''))

  test('in phrases', () => {
    fc.assert(
      fc.property(phrase, fc.array(bit, { maxLength: 60 }), (text, words) => {
        try {
          parsePhrase(text)
        } catch (error) {
          if (!(error instanceof PhraseError)) throw error
          expect(error.at).toBeGreaterThanOrEqual(0)
          expect(error.at).toBeLessThanOrEqual(text.length)
          return
        }
        const { linter } = createLinter([layer([rule([JSON.stringify(text)])], { served: '- the a\n- throw … a\n' })], {
          rules: {},
        })
        linter.lint(words.join(' '))
      }),
      { numRuns: 2000 },
    )
  })

  const key = fc.constantFrom(
    ...['severity', 'message', 'phrases', 'rewrites', 'unless', 'needs', 'despite', 'safe', 'in', 'unit', 'lacks'],
    ...['where', 'quoted', 'always', 'weakens', 'name', '__proto__', 'x'],
  )
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom('warning', 'info', 'measure', 'mention', '&a b', '*a', '!!js x', '1', 'null', '~', '2026-01-01'),
      phrase,
      fc.boolean(),
      fc.double(),
      fc.constant(null),
      fc.array(tie('any'), { maxLength: 4 }),
      fc.dictionary(key, tie('any'), { maxKeys: 4 }),
    ),
  })).any

  test('in front matter of any shape, as YAML and broken', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(key, value), { maxLength: 8 }), fc.string(), fc.nat(400), (pairs, body, cut) => {
        const yaml = pairs.map(([name, one]) => `${name}: ${JSON.stringify(one)}`).join('\n')
        const whole = `---\n${yaml}\n---\n${body}`
        for (const text of [whole, whole.slice(0, cut), whole.slice(cut)]) {
          const { faults, rule: read } = readRule({ path: 'a.md', text }, ['mention'], false)
          expect(read === undefined).toBe(faults.length > 0)
          for (const fault of faults) expect(fault.line).toBeGreaterThan(0)
          readGuard({ path: 'a.md', text })
          createLinter([layer([text], { served: text })], { rules: {} }).linter.lint(body)
        }
      }),
      { numRuns: 1500 },
    )
  })
})

test('from the command line each is told, and the rest is linted', async () => {
  const cwd = await folderWith({
    '.silolint/rules/good.md': rule(['lob the ball']),
    '.silolint/rules/deep.md': hostile['lists 9,000 deep'] as string,
    '.silolint/rules/bomb.md': hostile['aliases that multiply'] as string,
    '.silolint/rules/many.md': hostile['10,000 faulty phrases'] as string,
    '.silolint/rules/long.md': hostile['groups 100,000 deep'] as string,
    '.silolint/rules/latin.md': new Uint8Array([...new TextEncoder().encode('---\nseverity: info\n'), 0xe9, 0x0a]),
    'a.md': 'We lob the ball.\n',
  })
  await mkdir(join(cwd, '.silolint/rules/folder.md'))
  await writeFile(join(cwd, '.silolint/rules/huge.md'), new Uint8Array(9_000_000).fill(97))
  const run = await silolint(['a.md'], { cwd })
  expect(run.code).toBe(2)
  expect(run.stdout).toContain('1 finding')
  for (const told of [
    'bomb.md:2:1: the front matter uses aliases',
    'deep.md:5:',
    'huge.md:1:1: the rule file is larger than 8 MB',
    'latin.md:3: the rule file is not UTF-8 text',
    'long.md:5:1: the line is longer than 20,000 characters',
    'many.md:5:11: a group is not closed',
    'many.md: the file has 9,900 more mistakes',
  ])
    expect(run.stderr).toContain(told)
  expect(run.stderr.length).toBeLessThan(40_000)
})
