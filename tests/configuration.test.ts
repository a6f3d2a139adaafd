import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import { openProject } from '../engine/disk.ts'
import { folderWith, type Run, silolint } from './command.ts'

// One finding of each of two rules, `over-the-wall` and `disowning`, both warnings as they come.
const policy = 'Engineering throws the build over the wall to Support. Password resets are not our responsibility.\n'

const rule = (id: string): string =>
  `---\nseverity: info\nmessage: "“$match” is ours."\nphrases:\n  - ${id} report\n---\n\n# ${id}\n\nA rule of our own.\n`

interface Entry {
  path: string
  findings: Array<{ rule: string; severity: string }>
}

/** The severity of each rule's findings, by document: `over-the-wall warning, disowning warning`. */
const found = ({ stdout }: Run): Record<string, string> =>
  Object.fromEntries(
    (JSON.parse(stdout) as Entry[]).map(({ path, findings }) => [
      path,
      findings.map(({ rule, severity }) => `${rule} ${severity}`).join(', '),
    ]),
  )

const lines = ({ stderr }: Run): string[] => stderr.trimEnd().split('\n').sort()

describe('a folder without any configuration (vale-vscode #111)', () => {
  it('is linted with the rules as they come, and nothing is said about it', async () => {
    const cwd = await folderWith({ '.git/HEAD': '', 'a.md': policy })
    const run = await silolint(['--format', 'json'], { cwd })
    expect(run).toMatchObject({ code: 1, stderr: '' })
    expect(found(run)).toEqual({ 'a.md': 'over-the-wall warning, disowning warning' })
  })
})

describe('a slip in a configuration', () => {
  it('in a key or a rule id, within an override too, is told with its place and cure, and the rest holds (V#441)', async () => {
    const cwd = await folderWith({
      '.git/HEAD': '',
      '.silolintrc.json': `{
  "rulez": {},
  "igores": [],
  "rules": { "disowing": "off", "disowning": "error" },
  "overrides": [
    { "files": "*.md", "ruels": {}, "ignores": ["x"], "rules": { "over-the-wal": "off", "over-the-wall": "info" } },
    { "rules": {} },
    { "files": "*.md", "rules": { "disowning": "loud" }, "sector": "helth" },
    "legal",
    { "files": [], "rules": { "disowning": "off" } }
  ]
}
`,
      'a.md': policy,
    })
    const run = await silolint(['--format', 'json'], { cwd })
    expect(run.code).toBe(2)
    expect(found(run)).toEqual({ 'a.md': 'over-the-wall info, disowning error' })
    expect(lines(run)).toEqual([
      '.silolintrc.json:10:16: "overrides.4.files" does not take this value ("[]"). It takes a glob or a list of at least one.',
      '.silolintrc.json:2:4: there is no such setting ("rulez"). Did you mean "rules"?',
      '.silolintrc.json:3:4: there is no such setting ("igores"). Did you mean "ignores"?',
      '.silolintrc.json:4:15: there is no such rule ("disowing"). Did you mean "disowning"?',
      '.silolintrc.json:6:25: there is no such setting ("ruels"). Did you mean "rules"?',
      '.silolintrc.json:6:38: an override does not take this setting ("ignores"). Set it beside "overrides" instead.',
      '.silolintrc.json:6:67: there is no such rule ("over-the-wal"). Did you mean "over-the-wall"?',
      '.silolintrc.json:7:5: an override must say for which files it is. It takes a map, such as {"files": ["legal/**"], "rules": {}}.',
      '.silolintrc.json:8:49: "overrides.2.rules.disowning" does not take this value ("loud"). It takes off, info, warning or error.',
      '.silolintrc.json:8:69: there is no such sector ("helth"). Did you mean "health"?',
      '.silolintrc.json:9:6: an override must be a map of settings ("legal"). It takes a map, such as {"files": ["legal/**"], "rules": {}}.',
    ])
  })

  it('that leaves two configurations in one folder is told, for only one of them counts', async () => {
    const cwd = await folderWith({
      '.git/HEAD': '',
      '.silolintrc.json': '{ "rules": { "disowning": "off" } }',
      '.silolintrc.yaml': 'rules: { disowning: error }\n',
      'a.md': policy,
    })
    const run = await silolint(['--format', 'json'], { cwd })
    expect(found(run)).toEqual({ 'a.md': 'over-the-wall warning' })
    expect(run).toMatchObject({
      code: 2,
      stderr:
        '.silolintrc.yaml: this configuration does not count, because .silolintrc.json stands beside it. Keep one of the two.\n',
    })
  })

  it('in what it extends is told where it says so: missing files and packages, circles, a folder without one', async () => {
    const cwd = await folderWith({
      '.git/HEAD': '',
      '.silolintrc.yaml': [
        'extends:',
        '  - ./hous.yaml',
        '  - house.yaml',
        '  - "@acme/none"',
        '  - ./empty',
        '  - ./one.yaml',
        'rules: { disowning: off }',
      ].join('\n'),
      'house.yaml': '',
      'empty/readme.txt': '',
      'one.yaml': 'extends: ./two.yaml\nrules: { over-the-wall: info }\n',
      'two.yaml': 'rules: {}\nextends: [./one.yaml]\n',
      'a.md': policy,
    })
    const run = await silolint(['a.md', '--format', 'json'], { cwd })
    expect(run.code).toBe(2)
    expect(found(run)).toEqual({ 'a.md': 'over-the-wall info' })
    expect(lines(run)).toEqual([
      '.silolintrc.yaml:2:5: there is no such configuration file ("./hous.yaml"). Did you mean "./house.yaml"?',
      '.silolintrc.yaml:3:5: there is no package of this name ("house.yaml"). Write "./house.yaml" for the file beside this one, or install the package.',
      '.silolintrc.yaml:4:5: there is no package of this name ("@acme/none"). Install it, or write ./ before the path of a file.',
      '.silolintrc.yaml:5:5: there are no rules and no configuration in it ("./empty"). A rule pack has its rule files in a folder "rules"; a configuration has a name such as .silolintrc.json.',
      'two.yaml:2:11: these configurations extend each other in a circle ("./one.yaml"). Take this one out.',
    ])
  })
})

describe('of several configurations', () => {
  const tree = {
    '.git/HEAD': '',
    'package.json': '{ "name": "handbook", "silolint": { "rules": { "disowning": "off", "over-the-wall": "error" } } }',
    'a.md': policy,
    'docs/.silolintrc.yaml': 'rules:\n  disowning: info\n',
    'docs/b.md': policy,
    'docs/legal/silolint.config.mjs': 'export default { root: true, rules: { "over-the-wall": "off" } }\n',
    'docs/legal/c.md': policy,
    'docs/legal/deep/d.md': policy,
  }

  it('the nearest one wins, setting by setting, up to one that says root', async () => {
    const run = await silolint(['--format', 'json'], { cwd: await folderWith(tree) })
    expect(run).toMatchObject({ code: 1, stderr: '' })
    expect(found(run)).toEqual({
      'a.md': 'over-the-wall error',
      'docs/b.md': 'over-the-wall error, disowning info',
      'docs/legal/c.md': 'disowning warning',
      'docs/legal/deep/d.md': 'disowning warning',
    })
  })

  it('only the one that --config names counts, or none with --no-config, which leaves out own rules too', async () => {
    const cwd = await folderWith({
      ...tree,
      'strict.json':
        '{ "rules": { "disowning": "error" }, "overrides": [{ "files": "docs/*", "rules": { "blame": "off" } }] }',
      '.silolint/rules/tps.md': rule('tps'),
      'docs/b.md': `${policy}\nWe write the tps report.\n`,
    })
    expect(found(await silolint(['docs/b.md', '--config', 'strict.json', '--format', 'json'], { cwd }))).toEqual({
      'docs/b.md': 'over-the-wall warning, disowning error, tps info',
    })
    const none = await silolint(['docs/b.md', '--no-config', '--format', 'json'], { cwd })
    expect(found(none)).toEqual({ 'docs/b.md': 'over-the-wall warning, disowning warning' })
    const missing = await silolint(['docs/b.md', '--config', 'strickt.json', '--format', 'json'], { cwd })
    expect(missing).toMatchObject({
      code: 2,
      stderr: 'strickt.json: there is no such configuration file. Check the path.\n',
    })
  })

  it('one high up may set a rule of its own folder, where documents below have other rules nearer to them', async () => {
    const folder = await folderWith({
      '.git/HEAD': '',
      '.silolintrc.json': '{ "rules": { "tps": "error" } }',
      '.silolint/rules/tps.md': rule('tps'),
      'sub/.silolint/rules/kpi.md': rule('kpi'),
    })
    const { faults, linter } = await openProject({ trusted: true }).resolve(join(folder, 'sub', 'a.md'))
    expect(faults).toEqual([])
    expect(linter.rules.map(({ id }) => id)).toContain('kpi')
    expect(linter.rules.map(({ id }) => id)).not.toContain('tps')
  })
})

describe('overrides', () => {
  it('hold for the documents their globs match from the configuration on, the last one winning', async () => {
    const cwd = await folderWith({
      '.git/HEAD': '',
      'handbook/.silolintrc.json': JSON.stringify({
        overrides: [
          { files: ['legal', '!legal/open'], rules: { disowning: 'off' } },
          { files: '**/*.{txt,text}', rules: { 'over-the-wall': 'info' } },
          { files: '/top.md', rules: { 'over-the-wall': 'off' } },
          { files: ['LEGAL/last.md'], rules: { disowning: 'error' } },
        ],
      }),
      'handbook/top.md': policy,
      'handbook/deep/top.md': policy,
      'handbook/legal/a.txt': policy,
      'handbook/legal/last.md': policy,
      'handbook/legal/open/b.md': policy,
      'legal/outside.md': policy,
    })
    const run = await silolint(['--format', 'json'], { cwd })
    expect(run.stderr).toBe('')
    expect(found(run)).toEqual({
      'handbook/deep/top.md': 'over-the-wall warning, disowning warning',
      'handbook/legal/a.txt': 'over-the-wall info',
      'handbook/legal/last.md': 'over-the-wall warning, disowning error',
      'handbook/legal/open/b.md': 'over-the-wall warning, disowning warning',
      'handbook/top.md': 'disowning warning',
      'legal/outside.md': 'over-the-wall warning, disowning warning',
    })
  })

  it('set levels over rules that are compiled once for all', async () => {
    const folder = await folderWith({
      '.git/HEAD': '',
      '.silolintrc.json': JSON.stringify({
        vocabularies: { served: ['franchisee'] },
        overrides: [
          { files: 'legal/**', rules: { disowning: 'off' } },
          { files: 'clinic/**', sector: 'health' },
        ],
      }),
    })
    const project = openProject({ trusted: false })
    const [plain, other, legal] = await Promise.all(
      ['a.md', 'sub/b.md', 'legal/c.md'].map((path) => project.resolve(join(folder, path))),
    )
    expect(other).toBe(plain)
    expect(legal?.linter.catalogue).toBe(plain?.linter.catalogue)
    expect(plain?.linter.levels.get('disowning')).toBe('warning')
    expect(legal?.linter.levels.has('disowning')).toBe(false)
    // other words are other rules
    const clinic = await project.resolve(join(folder, 'clinic/d.md'))
    expect(clinic.linter.catalogue).not.toBe(plain?.linter.catalogue)
  })
})

describe('a configuration that others extend', () => {
  it('may be a file or an npm package; what stands later wins, and its patterns hold where it is extended', async () => {
    const cwd = await folderWith({
      '.git/HEAD': '',
      '.silolintrc.json': JSON.stringify({
        extends: ['@acme/house', 'plain', '@acme/house/strict.yaml', './shared/base.json'],
        rules: { blame: 'info' },
      }),
      'shared/base.json': '{ "rules": { "turf": "off", "blame": "off" }, "ignores": ["drafts/"] }',
      'node_modules/@acme/house/package.json':
        '{ "name": "@acme/house", "silolint": { "rules": { "over-the-wall": "error", "turf": "error" }, "ignores": ["/old.md"] } }',
      'node_modules/@acme/house/strict.yaml': 'overrides:\n  - { files: docs, rules: { disowning: error } }\n',
      'node_modules/plain/package.json': '{ "name": "plain", "exports": "./lib/config.cjs" }',
      'node_modules/plain/lib/config.cjs': 'module.exports = { rules: { disowning: "info" } }\n',
      'a.md': policy,
      'old.md': policy,
      'docs/b.md': policy,
      'docs/old.md': policy,
      'docs/drafts/c.md': policy,
    })
    const run = await silolint(['--format', 'json'], { cwd })
    expect(run.stderr).toBe('')
    expect(found(run)).toEqual({
      'a.md': 'over-the-wall error, disowning info',
      'docs/b.md': 'over-the-wall error, disowning error',
      'docs/old.md': 'over-the-wall error, disowning error',
    })
    const { files } = await openProject({ trusted: true }).resolve(join(cwd, 'a.md'))
    expect(files).toEqual(
      expect.arrayContaining(
        ['.silolintrc.json', 'shared/base.json', 'node_modules/plain/lib/config.cjs'].map((path) => join(cwd, path)),
      ),
    )
  })

  it('and that is code is not run where the workspace is not trusted, which is told', async () => {
    const folder = await folderWith({
      '.git/HEAD': '',
      '.silolintrc.json': '{ "extends": "./base.mjs" }',
      'base.mjs': 'throw new Error("run")\n',
    })
    const { faults } = await openProject({ trusted: false }).resolve(join(folder, 'a.md'))
    expect(faults).toMatchObject([{ path: join(folder, 'base.mjs'), cure: expect.stringContaining('Trust') }])
  })
})

describe('.silolintignore', () => {
  it('leaves documents out in gitignore syntax, the nearest having the last word; one that is named is told', async () => {
    const cwd = await folderWith({
      '.git/HEAD': '',
      '.silolintignore': '# drafts of all teams\n*.draft.md\n/archive/\n\nlate.md\n',
      'team/.silolintignore': '!keep.draft.md\n/a.md\n',
      'team/.silolintrc.json': '{ "ignores": ["!late.md"] }',
      'a.md': policy,
      'b.draft.md': policy,
      'archive/c.md': policy,
      'late.md': policy,
      'team/a.md': policy,
      'team/late.md': policy,
      'team/keep.draft.md': policy,
      'team/archive/d.md': policy,
    })
    const run = await silolint(['--format', 'json'], { cwd })
    expect(run.stderr).toBe('')
    expect(Object.keys(found(run))).toEqual(['a.md', 'team/archive/d.md', 'team/keep.draft.md', 'team/late.md'])
    const named = await silolint(['archive/c.md', 'b.draft.md', 'team/a.md', 'a.md', '--format', 'json'], { cwd })
    expect(Object.keys(found(named))).toEqual(['a.md'])
    expect(lines(named)).toEqual([
      'archive/c.md: not linted, because .silolintignore:3 ignores it ("/archive/").',
      'b.draft.md: not linted, because .silolintignore:2 ignores it ("*.draft.md").',
      'team/a.md: not linted, because team/.silolintignore:2 ignores it ("/a.md").',
    ])
  })

  it('is never linted, nor is any other file of Silolint’s own (woke #243)', async () => {
    const own = ['.silolintignore', '.silolintrc', 'silolint.config.yaml', '.silolint/rules/tps.md']
    const cwd = await folderWith({
      '.git/HEAD': '',
      '.silolintignore': '# Engineering throws the build over the wall to Support.\n',
      '.silolintrc': '# Password resets are not our responsibility.\n',
      'docs/silolint.config.yaml': '# That is not our job.\n',
      '.silolint/rules/tps.md': rule('tps'),
    })
    const run = await silolint([...own.slice(0, 2), 'docs/silolint.config.yaml', ...own.slice(3)], { cwd })
    expect(run).toMatchObject({ code: 0, stdout: expect.not.stringContaining('warning') })
    expect(run.stderr.match(/not linted, because it is one of Silolint's own files\./g)).toHaveLength(4)
  })
})

describe('--print-config', () => {
  it('says of each value which file and line set it', async () => {
    const cwd = await folderWith({
      '.git/HEAD': '',
      '.silolintrc.json': `{
  "extends": "./house.yaml",
  "rules": { "turf": "off" },
  "vocabularies": {
    "served": ["allotment holder"]
  },
  "ignores": ["archive/"],
  "overrides": [
    { "files": ["legal/**"], "rules": { "blame": "error" } },
    { "files": ["other/**"], "rules": { "blame": "off" } }
  ]
}
`,
      'house.yaml': 'sector: [health]\nrules:\n  inside-out: info\n',
      'legal/.silolintignore': 'a.*\n',
      'legal/.silolintrc.yaml': 'vocabularies:\n  served:\n    - tenant farmer\n',
      '.silolint/rules/tps.md': rule('tps'),
      'legal/a.md': policy,
    })
    const run = await silolint(['--print-config', 'legal/a.md', '--off', 'disowning'], { cwd })
    expect(run).toMatchObject({ code: 0, stderr: '' })
    const printed = JSON.parse(run.stdout)
    const by = 'configuration'
    const file = '.silolintrc.json'
    expect(printed).toMatchObject({
      path: 'legal/a.md',
      configurations: ['legal/.silolintrc.yaml', file, 'house.yaml'],
      ignored: { pattern: 'a.*', file: 'legal/.silolintignore', line: 1 },
      rules: {
        turf: { severity: 'off', by, file, line: 3 },
        blame: { severity: 'error', by, file, line: 9 },
        'inside-out': { severity: 'info', by, file: 'house.yaml', line: 3 },
        'over-the-wall': { severity: 'warning', by: 'built-in' },
        disowning: { severity: 'off', by: 'command line' },
        tps: { severity: 'info', by: 'rule file', file: '.silolint/rules/tps.md' },
      },
      sectors: [{ sector: 'health', by, file: 'house.yaml', line: 1 }],
      ignores: [
        { pattern: 'archive/', by, file, line: 7 },
        { pattern: 'a.*', by, file: 'legal/.silolintignore', line: 1 },
      ],
      overrides: [
        { files: ['legal/**'], holds: true, by, file, line: 9 },
        { files: ['other/**'], holds: false, by, file, line: 10 },
      ],
    })
    // the team's own words alone, and the thousands that come with Silolint where somebody asks for them
    expect(printed.vocabularies).toEqual({
      served: [
        { word: 'allotment holder', by, file, line: 5 },
        { word: 'tenant farmer', by, file: 'legal/.silolintrc.yaml', line: 3 },
      ],
    })
    expect(run.stdout.split('\n').length).toBeLessThan(60)
    const whole = await silolint(['--print-config', 'legal/a.md', '--format', 'json'], { cwd })
    const words: Array<{ by: string }> = JSON.parse(whole.stdout).vocabularies.served
    expect(words.slice(0, 2)).toEqual(printed.vocabularies.served)
    expect(new Set(words.map(({ by }) => by))).toEqual(new Set([by, 'sector', 'built-in']))
  })
})

describe('the schema for editors', () => {
  it('is valid, describes every key, and offers what there is without refusing a team’s own', async () => {
    const schema = JSON.parse(await readFile(new URL('../dist/silolint.schema.json', import.meta.url), 'utf8'))
    const ajv = new Ajv({ strict: false })
    expect(ajv.validateSchema(schema)).toBe(true)
    const { properties } = schema
    expect(Object.keys(properties).sort()).toEqual(
      [
        '$schema',
        'extends',
        'ignores',
        'overrides',
        'plugins',
        'root',
        'ruleFolders',
        'rules',
        'sector',
        'vocabularies',
      ].sort(),
    )
    for (const [key, value] of [
      ...Object.entries(properties),
      ...Object.entries(properties.overrides.items.properties),
    ])
      expect(value, key).toHaveProperty('description', expect.stringMatching(/\w/))
    for (const { rules, sector, vocabularies } of [properties, properties.overrides.items.properties]) {
      expect(Object.keys(rules.properties)).toContain('over-the-wall')
      expect(Object.keys(vocabularies.properties)).toContain('served')
      expect(JSON.stringify(sector)).toContain('"local-government"')
    }
    const validate = ajv.compile(schema)
    const fits = (value: unknown): boolean => validate(value) as boolean
    const ours = {
      rules: { tps: 'error', 'over-the-wall': 0 },
      sector: ['health', 'our-trade'],
      vocabularies: { ours: [] },
    }
    expect(fits({ ...ours, root: true, extends: './a.json', overrides: [{ files: 'legal', ...ours }] })).toBe(true)
    expect(fits({ rulez: {} })).toBe(false)
    expect(fits({ rules: { 'over-the-wall': 'loud' } })).toBe(false)
    expect(fits({ overrides: [{ rules: {} }] })).toBe(false)
  })
})
