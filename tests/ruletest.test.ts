import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { folderWith, silolint } from './command.ts'

/** A rule file with these lines of front matter and examples. */
const rule = (front: string, examples: string) => `---
severity: warning
message: "“$match” leaves the reader to find out."
${front.trim()}
---

# A rule

It leaves the reader to find out.

\`\`\`diff
${examples}
\`\`\`
`

const good = rule(
  `phrases:
  - the relevant/appropriate department/team
rewrites:
  - "[the department that decides]"`,
  `- Send the form to the appropriate team.
+ Send the form to [the department that decides].
- The relevant department decides.
  The appropriate form is B12.`,
)

/** Stories, each a page; they are tested in one run, and what two of them have in common is not looked at. */
const pages = {
  good,
  'whole-documents': rule(
    'in: procedure\nphrases:\n  - somehow',
    '@@ a step @@\n ## Procedure\n \n-1. Close the valve somehow.\n@@ elsewhere @@\n ## Scope\n \n Somehow it works.',
  ),
  'not-found': good.replace('The relevant department decides', 'The relevant office decides'),
  cleared: good.replace('The relevant department decides.', 'Avoid saying the relevant department.'),
  'found-though-innocent': good.replace('The appropriate form is B12.', 'The appropriate team is Licensing.'),
  'two-places': good.replace('The relevant department decides.', 'The relevant department asks the relevant team.'),
  'dead-phrases': good.replace('rewrites:', '  - whoever deals with it\n  - relevant department\nrewrites:'),
  'no-example': good.replace(/```diff[\s\S]*/, ''),
  'dead-rewrite': good.replace('decides]"\n---', 'decides]"\n  - "[who] in …"\n---'),
  'rewrite-found': good.replace('decides]"\n---', 'decides]"\n  - Finance, since it is not our job\n---'),
  'other-rewrite': good.replace('+ Send the form to [the department', '+ Send the form to [a department'),
  message: good
    .replace('“$match” leaves', '“$match” of $function leaves')
    .replace('department/team', '(department/team) (of $function)?'),
  'one-form': rule('phrases:\n  - jettisons it away', '- She jettisons it away.\n  She sows it.'),
  'every-form': rule('phrases:\n  - discard it away', '- She discards it away.\n  She sows it.'),
  'this-form': rule('phrases:\n  - \'"casts" it away\'', '- She casts it away.\n  She sows it.'),
  plural: rule('phrases:\n  - decisive criterion', '- Meet the decisive criterion.\n  Meet at ten.'),
  'both-plurals': rule('phrases:\n  - lesser criterion/criteria', '- Meet the lesser criterion.\n  Meet at ten.'),
  'one-spelling': rule('phrases:\n  - grey area', '- It is a grey area.\n  It is a large area.'),
  'under-a-heading': rule(
    'phrases:\n  - stale notes\nunless: headed',
    '- The stale notes are here.\n  The fresh notes are here.',
  ),
  'examples-of': rule('phrases:\n  - mouldy notes', '- Examples of mouldy notes are here.\n  The notes are here.'),
  'this-spelling': rule('phrases:\n  - \'"gray" zone\'', '- A gray zone.\n  A grey zone.'),
}
const said = new Map<string, string[]>()
/** What the test says of a page, one line each: line and column, check, message. */
const of = (page: keyof typeof pages): string[] => said.get(page) ?? []

/** What a test says of the pages in a folder, by the page. */
async function run(cwd: string): Promise<Map<string, string[]>> {
  const { stdout, stderr, code } = await silolint(['rule', 'test', '-f', 'compact'], { cwd })
  const lines = stdout.split('\n').filter(Boolean)
  expect(code, stderr).toBe(lines.length ? 1 : 0)
  const found = new Map<string, string[]>()
  for (const line of lines) {
    const [, page = '', rest = ''] = /^\.silolint\/rules\/(?:guard\/)?([^:]*)\.md:(.*)$/.exec(line) ?? []
    found.set(page, [...(found.get(page) ?? []), rest])
  }
  return found
}

beforeAll(async () => {
  const files = Object.entries(pages).map(([name, text]) => [`.silolint/rules/${name}.md`, text])
  const headed = '---\nwhere: heading\nphrases:\n  - stale notes\n---\n\n# Headed\n'
  const cwd = await folderWith({ ...Object.fromEntries(files), '.silolint/rules/guard/headed.md': headed })
  for (const [page, lines] of await run(cwd))
    said.set(
      page,
      lines.filter((line) => !line.endsWith('[rules-overlap]')),
    )
})

describe('a page that holds what it shows', () => {
  test('passes, and says how much was tested', async () => {
    const cwd = await folderWith({ '.silolint/rules/own.md': good })
    const { code, stdout, stderr } = await silolint(['rule', 'test'], { cwd })
    expect(stderr).toBe('Tested 1 page: 3 examples, 1 phrase, 1 rewrite.\n')
    expect(stdout).toContain('No findings')
    expect(code).toBe(0)
  })

  test('may show whole documents', () => {
    expect(of('whole-documents')).toEqual([])
  })

  test('is tried in a heading, unless that makes another kind of text of it', () => {
    expect(of('under-a-heading')).toEqual([])
    expect(of('examples-of')).toEqual([])
  })

  test('is tested with the words of the configuration, also where it is switched off', async () => {
    const page = rule('phrases:\n  - ask $function', '- Ask the grotto about it.\n  Ask a friend.')
    const absence = rule(
      'unit: objective\nphrases:\n  - the purpose of … be\nlacks:\n  - guest\nrewrites:\n  - $statement, so that [guests] can [outcome]',
      '- The purpose of this sheet is to list keys for the night desk, its customers and its patients.\n  The purpose of this sheet is that every guest has a key.',
    )
    const files = { '.silolint/rules/own.md': page, '.silolint/rules/missing.md': absence }
    expect((await run(await folderWith(files))).get('own')).toBeDefined()
    const settings = {
      vocabularies: { function: ['the grotto'] },
      rules: { own: 'off', 'customer-absent-objective': 'off' },
    }
    expect(await run(await folderWith({ ...files, '.silolintrc.json': JSON.stringify(settings) }))).toEqual(new Map())
  })
})

describe('a page that does not', () => {
  test('shows a sentence that is not found: the nearest phrase is named', () => {
    expect(of('not-found')).toEqual([
      '17:3: error: This should be found, and is not: the nearest phrase is “the relevant/appropriate department/team”, and “department/team” of it is missing. [example-not-found]',
    ])
  })

  test('shows a sentence that a guard clears: the guard is named', () => {
    const [line] = of('cleared')
    expect(line).toContain('17:3: error: This should be found, and is not: “the relevant')
    expect(line).toContain('the guard mention clears it')
    expect(line).toContain('despite: [mention]')
  })

  test('shows a sentence to leave alone that is found: the phrase is named', () => {
    expect(of('found-though-innocent')).toEqual([
      expect.stringMatching(
        /^18:3: error: “The appropriate team” is found here, by “the relevant.*” in line 5, .*-found\]$/,
      ),
    ])
  })

  test('shows two places at a time', () => {
    expect(of('two-places')).toEqual([
      expect.stringMatching(/^17:3: error: This is found 2 times: “The relevant department”, “the relevant team”\./),
    ])
  })

  test('has a phrase that never fires, or that another always forestalls', () => {
    expect(of('dead-phrases')).toEqual([
      expect.stringMatching(
        /^6:5: error: No example is found by “whoever deals with it”\. .*\[phrase-without-example\]$/,
      ),
      expect.stringMatching(/^7:5: error: No example is found by “relevant department” itself: .*another phrase finds/),
    ])
  })

  test('has no example at all', () => {
    expect(of('no-example')).toEqual([
      expect.stringMatching(/^1:1: error: The page has no example that should be found.*\[phrase-without-example\]$/),
    ])
  })

  test('has a rewrite that no example is offered', () => {
    expect(of('dead-rewrite')).toEqual([
      expect.stringMatching(/^8:6: error: No example is offered “\[who\] in …”.*\[rewrite-without-example\]$/),
    ])
  })

  test('has a rewrite that is found itself, which is said once for all examples', () => {
    expect(of('rewrite-found')).toEqual([
      expect.stringMatching(
        /^8:5: error: The rewrite “.*” is found itself, by (?:disowning|us-and-them): “.*not our job.*\[rewrite-found\]$/,
      ),
    ])
  })

  test('shows another rewrite than the rule makes', () => {
    expect(of('other-rewrite')).toEqual([
      '16:3: error: The first rewrite makes another text: “Send the form to [the department that decides].”. Write that here, or change the rewrite. [example-rewritten-otherwise]',
    ])
  })

  test('has a name in its message for which the phrase has no words', () => {
    expect(of('message')[0]).toContain('The message says “$function” as it stands here')
  })

  test('finds words that a rule of Silolint finds, or another one of the team', async () => {
    const own = rule('phrases:\n  - not our job', '- Printing is not our job.\n  It is our job to print.')
    const files = { '.silolint/rules/own.md': own, '.silolint/rules/first.md': good, '.silolint/rules/second.md': good }
    const found = await run(await folderWith(files))
    expect(found.get('own')?.[0]).toMatch(
      /^13:3: error: The rule disowning finds “.*not our job” here too\. .*overlap\]$/,
    )
    expect(found.get('first')?.[0]).toMatch(/^15:3: error: The rule second finds “the appropriate team” here too/)
    expect(found.get('second')).toHaveLength(2)
    const settings = { rules: { disowning: 'off', second: 'off' } }
    const without = await run(await folderWith({ ...files, '.silolintrc.json': JSON.stringify(settings) }))
    expect([...without.keys()]).toEqual(['second'])
  })

  test('writes a verb in one of its forms, unless only that is meant', () => {
    expect(of('one-form')).toEqual([
      expect.stringMatching(
        /^5:5: error: “jettisons” is found and “jettisoned” is not \(line 13, in the past\)\. .*\[example-varied\]$/,
      ),
    ])
    expect(of('every-form')).toEqual([])
    expect(of('this-form')).toEqual([])
  })

  test('has a noun whose plural the rules do not know', () => {
    expect(of('plural')[0]).toContain('both, (criterion/criteria)')
    expect(of('both-plurals')).toEqual([])
  })

  test('knows one spelling only, unless it is about spelling', () => {
    expect(of('one-spelling')).toEqual([
      expect.stringMatching(
        /^13:3: error: This is found as it stands, but not in American spelling, “It is a gray area\.”/,
      ),
    ])
    expect(of('this-spelling')).toEqual([])
  })
})

test('guards are tested too: each of their examples must need them', async () => {
  const guard = `---
where: sentence
phrases:
  - until noon
---

# Until noon

It is over soon.

\`\`\`diff
  The relevant team decides until noon.
  The team decides until noon.
- The relevant team decides until dusk.
\`\`\`
`
  const cwd = await folderWith({
    '.silolint/rules/own.md': good.replace('rewrites:', 'unless: until-noon\nrewrites:'),
    '.silolint/rules/guard/until-noon.md': guard,
  })
  const { code, stdout } = await silolint(['rule', 'test', '-f', 'compact'], { cwd })
  expect(stdout).toBe(
    '.silolint/rules/guard/until-noon.md:13:3: error: Without this guard nothing is found here either. Show a text that needs it. [guard-without-effect]\n',
  )
  expect(code).toBe(1)
})

describe('which rules are tested', () => {
  const bad = good.replace('The appropriate form', 'The appropriate team')
  const tree = { 'a/.silolint/rules/one.md': good, 'b/.silolint/rules/two.md': bad, 'pack/three.md': bad }
  const failing = async (args: string[], cwd: string) => {
    const { stdout, stderr, code } = await silolint(['rule', 'test', '-f', 'json', ...args], { cwd })
    const pages = JSON.parse(stdout) as Array<{ path: string; findings: unknown[] }>
    return { code, stderr, pages: pages.map(({ path, findings }) => `${path} ${findings.length}`) }
  }

  test('all in a tree, a file, a folder, and those of a pack that is in force nowhere', async () => {
    const cwd = await folderWith(tree)
    const all = ['a/.silolint/rules/one.md 0', 'b/.silolint/rules/two.md 1']
    expect(await failing([], cwd)).toMatchObject({ code: 1, pages: all })
    expect(await failing(['a'], cwd)).toMatchObject({ code: 0, pages: all.slice(0, 1) })
    expect(await failing(['a/.silolint/rules/one.md'], cwd)).toMatchObject({ code: 0, pages: all.slice(0, 1) })
    expect(await failing(['pack'], cwd)).toMatchObject({ code: 1, pages: ['pack/three.md 1'] })
    expect(await failing(['pack/three.md', 'a'], cwd)).toMatchObject({ code: 1, pages: [all[0], 'pack/three.md 1'] })
  })

  test('a path that is not there and a folder without rules are faults, and the others are tested', async () => {
    const cwd = await folderWith({ ...tree, 'empty/note.txt': '' })
    const missing = await failing(['nowhere', 'a'], cwd)
    expect(missing).toMatchObject({ code: 2, pages: ['a/.silolint/rules/one.md 0'] })
    expect(missing.stderr).toContain('nowhere: there is no such file or folder. Name a rule file')
    expect(await failing(['empty'], cwd)).toMatchObject({ code: 2, pages: [] })
  })

  test('a faulty rule file is a fault, and the others are tested', async () => {
    const cwd = await folderWith({
      '.silolint/rules/faulty.md': good.replace('phrases:', 'frases:'),
      '.silolint/rules/own.md': good,
    })
    const { code, stderr, pages } = await failing([], cwd)
    expect(stderr).toContain('.silolint/rules/faulty.md:4:1: there is no such key ("frases"). Did you mean "phrases"?')
    expect({ code, pages }).toEqual({ code: 2, pages: ['.silolint/rules/own.md 0'] })
    expect(await failing(['.silolint/rules/faulty.md'], cwd)).toMatchObject({ code: 2, pages: [] })
    const { stdout } = await silolint(['rule', 'test', '-f', 'stylish'], { cwd })
    expect(stdout).toBe('Not all was looked for in 1 document: .silolint/rules/faulty.md cannot be used as written.\n')
  })

  test('none at all is a word, not a fault', async () => {
    const cwd = await folderWith({ 'a.md': 'Hello.' })
    const { code, stderr } = await silolint(['rule', 'test'], { cwd })
    expect(stderr).toContain('There are no rules of your own here, in .silolint/rules. silolint rule new writes one.')
    expect(code).toBe(0)
  })
})

describe('Silolint’s own rules', () => {
  /** A repository like Silolint's, with few rules: what is there is what its build reads, programs among it. */
  const program = (words: string): string =>
    `import type { CodeRule } from '../engine/rule.ts'\nconst rule: CodeRule = function* (reading) {\n  for (const block of reading.document.blocks) {\n    const start = block.prose.indexOf('${words}')\n    if (start >= 0) yield { block, start, end: start + ${words.length} }\n  }\n}\nexport default rule\n`
  const page =
    '---\nseverity: warning\nmessage: “$match”\n---\n\n# Own\n\nOwn.\n\n```diff\n- It is somewhere else.\n  It is here.\n```\n'
  const files = {
    'rulesplugin.mjs': '',
    'package.json': '{"name":"silolint"}',
    'rules/good.md': good,
    'rules/twice.md': good.replace('rewrites:', '  - nobody knows who\nrewrites:'),
    'rules/own.md': page,
    'rules/own.ts': program('somewhere else'),
    'rules/guard/mention.md': '---\nquoted: true\nalways: true\n---\n\n# Mention\n',
    'rules/role/purpose.md': '# Purpose\n\n- why we do it\n',
    'rules/guard/way-forward.md':
      '---\nwhere: sentence\nphrases:\n  - call us\n---\n\n# Way forward\n\n```diff\n  Call us.\n```\n',
  }

  test('are tested as they stand, with the programs beside them; three checks are not asked of them', async () => {
    const cwd = await folderWith(files)
    for (const args of [[], ['rules'], ['.']]) {
      const { code, stdout, stderr } = await silolint(['rule', 'test', '-f', 'compact', ...args], { cwd })
      expect(stdout).toBe(
        'rules/guard/way-forward.md:10:3: error: Without this guard nothing is found here either. Show a text that needs it. [guard-without-effect]\n',
      )
      expect({ code, stderr }).toEqual({ code: 1, stderr: 'Tested 4 pages: 9 examples, 4 phrases, 2 rewrites.\n' })
    }
    await writeFile(join(cwd, 'rules/own.ts'), program('is here'))
    const { stdout } = await silolint(['rule', 'test', '-f', 'compact', 'rules/own.md'], { cwd })
    expect(stdout.match(/\[[a-z-]+\]/g)).toEqual(['[example-not-found]', '[example-found]'])
  })

  test('are left out where their program cannot be run: file and reason are said, and the others are tested', async () => {
    const cwd = await folderWith({
      ...files,
      'rules/own.ts': "throw new Error('Out of ink')\n",
      'rules/none.ts': 'export const none = 1\n',
      'rules/none.md': page,
      'rules/stray.ts': program('stray'),
    })
    const { code, stderr } = await silolint(['rule', 'test', 'rules'], { cwd })
    expect(code).toBe(2)
    expect(stderr.trim().split('\n').sort()).toEqual([
      'Tested 3 pages: 7 examples, 4 phrases, 2 rewrites.',
      'rules/none.ts: this program cannot be run: its default export is no function. Mend it. Its rule is not tested; the others are.',
      'rules/own.ts: this program cannot be run: Out of ink. Mend it. Its rule is not tested; the others are.',
      'rules/stray.ts: left out, because no page stray.md stands beside it.',
    ])
  })
})

test('exit codes are those of the linter in every format, and each report is whole', async () => {
  const cwd = await folderWith({
    'good/own.md': good,
    'bad/own.md': good.replace('The appropriate form', 'The appropriate team'),
    'faulty/own.md': good.replace('phrases:', 'frases:'),
    'faulty/other.md': good,
  })
  const [json, lines, xml] = [
    ['json', 'sarif', 'gitlab', 'rdjson'],
    ['jsonl', 'rdjsonl'],
    ['junit', 'checkstyle'],
  ]
  const formats = [...json, ...lines, ...xml, 'stylish', 'compact', 'github', 'html']
  for (const [folder, code] of [
    ['good', 0],
    ['bad', 1],
    ['faulty', 2],
  ] as const) {
    const targets = formats.flatMap((format) => ['-f', `${format}=${folder}.${format}`])
    expect((await silolint(['rule', 'test', folder, ...targets], { cwd })).code).toBe(code)
    for (const format of formats) {
      const text = await readFile(join(cwd, `${folder}.${format}`), 'utf8')
      const isTold = /example-found|“The appropriate team” is found here/.test(text)
      // SARIF and HTML name the checks there are
      if (!['sarif', 'html'].includes(format)) expect({ format, isTold }).toEqual({ format, isTold: folder === 'bad' })
      if (json.includes(format)) JSON.parse(text)
      if (lines.includes(format)) for (const line of text.split('\n').filter(Boolean)) JSON.parse(line)
      if (xml.includes(format)) expect(text).toMatch(/^<\?xml[\s\S]*<\/(?:testsuites|checkstyle)>\s*$/)
    }
  }
  expect(await readFile(join(cwd, 'bad.github'), 'utf8')).toMatch(/^::error .*file=bad\/own\.md,line=18,/m)
  expect(await readFile(join(cwd, 'bad.junit'), 'utf8')).toContain('<failure ')
  expect((await silolint(['rule', 'test', 'bad', '-f', 'github'], { cwd })).code).toBe(1)
})

test('the reports are those of the linter, with the checks for rules', async () => {
  const cwd = await folderWith({
    '.silolint/rules/own.md': good.replace('The appropriate form', 'The appropriate team'),
  })
  const formats = ['json', 'jsonl', 'sarif', 'github', 'gitlab', 'junit', 'checkstyle', 'rdjson', 'html']
  const args = formats.flatMap((format) => ['-f', `${format}=out.${format}`])
  expect((await silolint(['rule', 'test', ...args, '-f', 'sarif'], { cwd })).code).toBe(1)
  const { stdout } = await silolint(['rule', 'test', '-f', 'sarif'], { cwd })
  const [{ results, tool }] = JSON.parse(stdout).runs
  expect(results).toHaveLength(1)
  expect(results[0]).toMatchObject({
    ruleId: 'example-found',
    level: 'error',
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: '.silolint/rules/own.md' },
          region: { startLine: 18, startColumn: 3 },
        },
      },
    ],
  })
  expect(tool.driver.rules[results[0].ruleIndex]).toMatchObject({
    id: 'example-found',
    shortDescription: { text: 'Example found' },
  })
})
