import { describe, expect, test } from 'vitest'
import { builtIn } from '../engine/builtin.ts'
import type { Sources } from '../engine/catalogue.ts'
import { createLinter } from '../engine/linter.ts'
import { readTables, writeTables } from '../engine/tables.ts'

// A program takes its rules along compiled. Whoever adds to them must find what he would have found had they not been.

/** Of what the pages of rules show each fourth text, flagged and innocent, and some sentences with words of the teams below. */
const text = [
  ...builtIn.rules.flatMap(({ examples }) => examples.map(({ text }) => text)).filter((_, at) => at % 4 === 0),
  'The platform guild will ping the tenants once the gatekeepers have signed it off.',
  'Please get in touch with Finance about it, we told the end user of Claims already.',
  'We zap the customer. They were zapped by the night desk, and shoved the request across.',
].join('\n\n')

const rule = (
  name: string,
  phrases: string[],
  head = 'severity: info\nmessage: “$match”',
): Sources['rules'][number] => ({
  path: `.silolint/rules/${name}.md`,
  text: `---\n${head}\nphrases:\n${phrases.map((phrase) => `  - ${phrase}`).join('\n')}\n---\n\n# ${name}\n`,
})

const vocabulary = (name: string, entries: string[], head = ''): Sources['rules'][number] => ({
  path: `.silolint/rules/vocabulary/${name}.md`,
  text: `${head}${entries.map((entry) => `- ${entry}`).join('\n')}\n`,
})

const nothing: Sources = { rules: [], guards: [], vocabularies: [], roles: [], sectors: [], code: {} }

const teams: Record<string, { team: Sources; words?: Record<string, string[]>; sectors?: string[] }> = {
  'rules of its own, and one in place of a built-in one': {
    team: {
      ...nothing,
      rules: [rule('zapping', ['$zap the $served', '$zap+ed by', '… sign off']), rule('turf', ['our $function alone'])],
      vocabularies: [vocabulary('zap', ['zap/ping', 'shove … across', 'get in touch with $function'])],
    },
  },
  'entries for vocabularies that phrases use in many forms': {
    team: {
      ...nothing,
      vocabularies: [
        vocabulary('function', ['platform guild', 'the gatekeepers', '$zap desk']),
        vocabulary('served', ['end user of $function']),
        vocabulary('zap', ['night', 'day and night']),
      ],
    },
  },
  'words and sectors of a configuration': {
    team: nothing,
    words: { served: ['tenants', 'people we help'], function: ['the guild'] },
    sectors: ['health', 'housing'],
  },
  'phrases for a guard, and a guard in place of another': {
    team: {
      ...nothing,
      guards: [
        { path: '.silolint/rules/guard/mention.md', text: '- the word\n- as in\n' },
        {
          path: '.silolint/rules/guard/in-a-tale.md',
          text: '---\nreplaces: true\nwhere: sentence\n---\n\n- long ago\n',
        },
      ],
    },
  },
  'a vocabulary in place of another': {
    team: { ...nothing, vocabularies: [vocabulary('served', ['tenants'], '---\nreplaces: true\n---\n\n')] },
  },
  'entries that cannot be used': {
    team: {
      ...nothing,
      rules: [rule('mistaken', ['$fonction decides'])],
      vocabularies: [
        vocabulary('served', ['$served', '$clients of ours']),
        vocabulary('ring', ['$round']),
        vocabulary('round', ['$ring']),
      ],
    },
  },
}

describe('on top of the rules that come compiled a team finds what it would find if all were compiled anew', () => {
  test.each(Object.keys(teams))('%s', (name) => {
    const { team, words = {}, sectors = [] } = teams[name] as (typeof teams)[string]
    const [compiled, anew] = [builtIn, { ...builtIn }].map((layer) => {
      const { linter, faults } = createLinter([layer, team], { rules: {}, vocabularies: words, sectors })
      const found = linter.lint(text, { format: 'markdown' }).messages
      return { faults, found: found.map((message) => JSON.stringify({ ...message })) }
    })
    expect(compiled?.found.length).toBeGreaterThan(100)
    expect(compiled).toEqual(anew)
  })
})

describe('tables', () => {
  const data = {
    name: 'née “Smith”',
    tables: {
      small: Int32Array.from([-128, 0, 127]),
      middle: Int32Array.from([0, 65_535]),
      signed: Int32Array.from([-1, 32_767]),
      large: Int32Array.from([-2_147_483_648, 2_147_483_647]),
      empty: new Int32Array(0),
      groups: [{ numbers: Int32Array.from([3]), text: 'a' }],
      bytes: new TextEncoder().encode('…'),
    },
  }
  const asNumbers = (tables: object): unknown =>
    JSON.parse(JSON.stringify(tables, (_, value) => (ArrayBuffer.isView(value) ? [...(value as Int8Array)] : value)))

  test('are read as they were written, wherever in memory they begin', () => {
    const bytes = writeTables(data)
    for (const shift of [0, 1, 2, 3]) {
      const moved = new Uint8Array(bytes.length + shift)
      moved.set(bytes, shift)
      const read = readTables<typeof data>(moved.subarray(shift), 'tables')
      expect(read.name).toBe(data.name)
      expect(asNumbers(read.tables)).toEqual(asNumbers(data.tables))
    }
  })

  test('take no more bits than their numbers need', () => {
    const { tables } = readTables<typeof data>(writeTables(data), 'tables')
    expect(tables.small).toBeInstanceOf(Int8Array)
    expect(tables.middle).toBeInstanceOf(Uint16Array)
    expect(tables.signed).toBeInstanceOf(Int16Array)
    expect(tables.large).toBeInstanceOf(Int32Array)
  })
})
