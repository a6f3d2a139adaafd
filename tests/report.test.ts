import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import Ajv from 'ajv'
import Draft04 from 'ajv-draft-04'
import addFormats from 'ajv-formats'
import type { Log, Result } from 'sarif'
import { beforeAll, describe, expect, it } from 'vitest'
import { validateXML } from 'xmllint-wasm'
import precision from '../cli/report/precision.json' with { type: 'json' }
import { type FormatName, formatNames } from '../cli/report.ts'
import manifest from '../package.json' with { type: 'json' }
import curves from './batches/blind.json' with { type: 'json' }
import { folderWith, type Run, silolint } from './command.ts'

/** A file name that must be escaped one way in a URI, another in XML and a third in a workflow command. */
const page = "docs/übergabe & co/hand off's #1, 100%.md"
const emoji = 'docs/emoji.md'
const files = {
  '.git/HEAD': 'ref: refs/heads/main\n',
  '.silolintrc.json': '{ "rules": { "over-the-wall": "error" } }',
  // what a report repeats from a rule is as wild as what it repeats from a document
  '.silolint/rules/stamp.md': `---
severity: info
message: '“$match” says "<script>alert(1)</script>" & ]]> 🎉 100%, ::error::x'
phrases:
  - rubber stamp
rewrites:
  - 'a "careful" <look> ]]> & 🎉'
  - 'a [careful] look'
---

# Rubber <stamp>

Says "yes" & nothing else.

\`\`\`diff
- It gets a rubber stamp.
\`\`\`
`,
  [page]: [
    '# Über "us" & <them>',
    '',
    'Note 🎉 "x": Engineering throws the build',
    ' over the wall to Support.',
    '',
    'The 🎉 keys\u0007 are not our responsibility\u001B[31m\u202E ]]> & so on.',
  ].join('\r\n'),
  // the least first, in the first document, so that an order by severity is seen
  [emoji]: 'It 🎉🎉 gets a rubber stamp.\n\nIt 🎉🎉 gets a rubber stamp.\n',
  'docs/clean.md': 'The form has four pages.\n',
}

let cwd: string
let run: Run
const reports = {} as Record<FormatName, string>
const none = {} as Record<FormatName, string>

/** All formats of one run, since a run takes a while. */
async function allFormats(
  paths: string[],
  into: Record<FormatName, string>,
  env: Record<string, string>,
): Promise<Run> {
  const targets = formatNames.flatMap((format) => ['-f', `${format}=out.${format}`])
  const run = await silolint([...paths, ...targets], { cwd, env })
  for (const format of formatNames) into[format] = await readFile(join(cwd, `out.${format}`), 'utf8')
  return run
}

beforeAll(async () => {
  cwd = await folderWith(files)
  await writeFile(join(cwd, 'step.md'), 'What another step said.\n')
  run = await allFormats(['docs'], reports, { GITHUB_STEP_SUMMARY: join(cwd, 'step.md') })
  await allFormats(['docs/clean.md'], none, {})
})

const schema = (name: string): Promise<string> => readFile(new URL(`schemas/${name}`, import.meta.url), 'utf8')
const lines = (text: string): string[] => text.split('\n').filter(Boolean)
const json = <Value>(text: string): Value => JSON.parse(text)

/** What xmllint has against a document. */
async function xmlFaults(xml: string, schemaName: string): Promise<string[]> {
  const { errors } = await validateXML({
    xml: { fileName: 'report.xml', contents: xml },
    schema: { fileName: 'schema.xsd', contents: await schema(schemaName) },
  })
  return errors.map(({ rawMessage }) => rawMessage)
}

describe('every format', () => {
  it('is written by one run, which fails for the findings alone', () => {
    expect(run).toEqual({ code: 1, stdout: '', stderr: '' })
  })

  it('is something that can be read where nothing was found', () => {
    expect(none).toMatchObject({ compact: '', json: expect.stringContaining('[]'), jsonl: '', github: '', rdjsonl: '' })
    expect(json(none.gitlab)).toEqual([])
    expect(json<{ diagnostics: [] }>(none.rdjson).diagnostics).toEqual([])
    expect(json<Log>(none.sarif).runs[0]?.results).toEqual([])
    expect(none.html).toContain('No findings in 1 document.')
  })

  it('has forward slashes and no machine paths', () => {
    for (const format of formatNames) {
      if (format === 'json' || format === 'jsonl') continue
      expect({ format, text: reports[format] }).toMatchObject({ text: expect.not.stringContaining(cwd) })
    }
  })

  it('lets no control character of a document through', () => {
    for (const format of formatNames)
      for (const character of ['\u0007', '\u001B'])
        expect({ format, has: reports[format].includes(character) }).toEqual({ format, has: false })
  })

  it('can be asked for on stdout, and is named by --help and by the README', async () => {
    const [help, readme] = [(await silolint(['--help'], { cwd })).stdout, await readFile('README.md', 'utf8')]
    for (const format of formatNames) {
      expect(help.replace(/\s+/g, ' ')).toMatch(new RegExp(`[:,>] ${format}[,; ]`))
      expect(readme).toContain(`\`${format}\``)
    }
    const { stdout } = await silolint(['docs', '--format', 'compact'], { cwd })
    expect(stdout).toBe(reports.compact)
  })
})

describe('compact', () => {
  it('is one finding a line', () => {
    expect(lines(reports.compact)[0]).toMatch(/^docs\/emoji\.md:1:16: info: “rubber stamp” says "<script>.* \[stamp\]$/)
    expect(lines(reports.compact)[2]).toBe(
      `${page}:3:26: error: “throws the build over the wall to Support” ends our part while the customer still waits. [over-the-wall]`,
    )
    expect(lines(reports.compact)).toHaveLength(4)
  })
})

describe('jsonl', () => {
  it('has the findings of the JSON report, each with its path', () => {
    const entries = json<Array<{ path: string; findings: object[] }>>(reports.json)
    const expected = entries.flatMap(({ path, findings }) => findings.map((finding) => ({ path, ...finding })))
    expect(lines(reports.jsonl).map((line) => json(line))).toEqual(expected)
    expect(expected).toHaveLength(4)
  })
})

describe('sarif', () => {
  const log = (): Log => json(reports.sarif)
  const results = (): Result[] => log().runs[0]?.results ?? []
  const rules = () => log().runs[0]?.tool.driver.rules ?? []

  it('is valid SARIF 2.1.0, with findings and without', async () => {
    // the schema's pattern for languages is no regular expression in Unicode's mode
    const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false })
    addFormats(ajv)
    const valid = ajv.compile(json<object>(await schema('sarif-2.1.0.json')))
    for (const report of [reports.sarif, none.sarif]) {
      valid(json(report))
      expect(valid.errors ?? []).toEqual([])
    }
    valid({ version: '2.1.0' })
    expect(valid.errors).not.toBeNull()
  })

  it('has what GitHub asks of the tool and of each rule', () => {
    const [{ automationDetails, columnKind, tool } = { tool: { driver: { name: '' } } }] = log().runs
    expect({ automationDetails, columnKind }).toEqual({
      automationDetails: { id: 'silolint/' },
      columnKind: 'utf16CodeUnits',
    })
    expect(tool.driver).toMatchObject({
      name: 'Silolint',
      semanticVersion: manifest.version,
      informationUri: manifest.homepage,
    })
    expect(rules().length).toBeGreaterThan(20)
    for (const rule of rules()) {
      expect(rule).toMatchObject({
        id: expect.stringMatching(/^(?:silolint\/)?[a-z-]+$/),
        name: expect.stringMatching(/^[A-Z][A-Za-z]+$/),
        shortDescription: { text: expect.stringMatching(/./) },
        fullDescription: { text: expect.stringMatching(/./) },
        help: { text: expect.stringMatching(/./), markdown: expect.stringMatching(/^# /) },
        defaultConfiguration: { level: expect.stringMatching(/^(?:note|warning|error)$/) },
        properties: {
          tags: expect.arrayContaining(['silo-language']),
          'problem.severity': expect.stringMatching(/^(?:recommendation|warning|error)$/),
        },
      })
      // GitHub cuts them there
      expect(rule.shortDescription?.text.length).toBeLessThan(1024)
      expect(rule.fullDescription?.text.length).toBeLessThan(1024)
    }
    const [stamp] = rules()
    expect(stamp).toMatchObject({ id: 'stamp', fullDescription: { text: 'Says "yes" & nothing else.' } })
    // its page is a file of this machine
    expect(stamp).not.toHaveProperty('helpUri')
    const wall = rules().find(({ id }) => id === 'over-the-wall')
    expect(wall).toMatchObject({
      name: 'OverTheWall',
      helpUri: 'https://github.com/silolint/silolint/blob/main/rules/over-the-wall.md',
      defaultConfiguration: { level: 'error' },
      help: { markdown: expect.stringMatching(/```diff\n- .*\n\+ [\s\S]*```\n\n\[All examples\]/) },
    })
    // a handful of examples, not all that are the rule's tests
    expect(wall?.help?.markdown?.match(/^[-+] /gm)?.length).toBeLessThanOrEqual(8)
  })

  it('points from each result to its rule', () => {
    for (const { ruleId, ruleIndex = -1 } of results()) expect(rules()[ruleIndex]?.id).toBe(ruleId)
    expect(results().map(({ ruleId, level }) => [ruleId, level])).toEqual([
      ['stamp', 'note'],
      ['stamp', 'note'],
      ['over-the-wall', 'error'],
      ['disowning', 'warning'],
    ])
  })

  it('has one place a result: the phrase and no more, in a file that the repository knows', () => {
    for (const { locations } of results()) expect(locations).toHaveLength(1)
    const physical = results().map(({ locations }) => locations?.[0]?.physicalLocation)
    expect(physical[0]).toEqual({
      artifactLocation: { uri: 'docs/emoji.md' },
      region: { startLine: 1, startColumn: 16, endLine: 1, endColumn: 28 },
    })
    expect(physical[2]).toEqual({
      artifactLocation: { uri: "docs/%C3%BCbergabe%20%26%20co/hand%20off's%20%231%2C%20100%25.md" },
      region: { startLine: 3, startColumn: 26, endLine: 4, endColumn: 26 },
    })
    const region = physical[3]?.region
    const line = files[page]?.split('\r\n')[5] as string
    expect(line.slice((region?.startColumn ?? 0) - 1, (region?.endColumn ?? 0) - 1)).toBe('are not our responsibility')
  })

  it('says in its first sentence what is wrong', () => {
    expect(results()[2]?.message.text).toMatch(
      /^“throws the build over the wall to Support” ends our part while the customer still waits\. It could read “[^”]+” \(or \d more\)\.$/,
    )
  })

  it('offers as a fix what can be put in as it is, and nothing with words to fill in', () => {
    expect(results().map(({ fixes = [] }) => fixes.length)).toEqual([1, 1, 0, 0])
    const [stamp] = results()
    expect(stamp?.fixes?.[0]?.artifactChanges[0]).toEqual({
      artifactLocation: { uri: 'docs/emoji.md' },
      replacements: [
        {
          deletedRegion: { startLine: 1, startColumn: 16, endLine: 1, endColumn: 28 },
          insertedContent: { text: 'a "careful" <look> ]]> & 🎉' },
        },
      ],
    })
  })

  it('states the precision that was measured', () => {
    for (const [rule, batches] of Object.entries(curves))
      expect({ rule, precision: precision[rule as keyof typeof precision] }).toEqual({
        rule,
        precision: batches.at(-1)?.precision,
      })
    const words: string[] = []
    for (const { id, properties } of rules()) {
      const percent = (precision as Record<string, number>)[id]
      const word = percent && (percent < 70 ? 'low' : percent < 85 ? 'medium' : percent < 95 ? 'high' : 'very-high')
      expect({ id, precision: properties?.precision }).toEqual({ id, precision: word })
      if (word) words.push(word)
    }
    expect(words).toContain('high')
    expect(rules().map(({ id }) => id)).toEqual(expect.arrayContaining(Object.keys(precision)))
  })
})

describe('fingerprints', () => {
  it('differ within a report and stay when text is reflowed, moved and edited elsewhere', async () => {
    const printsOf = async (text: string) => {
      await writeFile(join(folder, 'a.md'), text)
      await silolint(['-f', 'sarif=s', '-f', 'gitlab=g'], { cwd: folder })
      const [run] = json<Log>(await readFile(join(folder, 's'), 'utf8')).runs
      return {
        sarif: (run?.results ?? []).map(({ partialFingerprints }) => partialFingerprints?.['silolint/v1']),
        gitlab: json<Array<{ fingerprint: string }>>(await readFile(join(folder, 'g'), 'utf8')).map(
          ({ fingerprint }) => fingerprint,
        ),
      }
    }
    const [keys, lifts] = ['The keys are not our responsibility.', 'The lifts are not our responsibility.']
    const folder = await folderWith({ 'b.md': `${keys}\n` })
    const before = await printsOf(`# East\n\n${keys} ${keys}\n\n## West\n\n${lifts}\n`)
    const after = await printsOf(
      `Something new.\n\n# West\n\n${lifts.replace(' are', '\nare')}\n\n# Eastern\n\n${keys}\n\n${keys}\n`,
    )
    for (const format of ['sarif', 'gitlab'] as const) {
      expect(new Set(before[format].slice(0, 3)).size).toBe(3)
      expect([...after[format]].sort()).toEqual([...before[format]].sort())
    }
    // detekt-gitlab-report#10: of two issues with one fingerprint GitLab shows the first alone
    expect(new Set(before.gitlab).size).toBe(4)
  })
})

describe('github', () => {
  it('is a command a finding, the heaviest first, with everything escaped that has a meaning', () => {
    const commands = lines(reports.github)
    expect(commands.map((line) => line.split(' ')[0])).toEqual(['::error', '::warning', '::notice', '::notice'])
    const file = "file=docs/übergabe & co/hand off's #1%2C 100%25.md"
    // GitHub takes no columns for an annotation of several lines
    expect(commands[0]).toMatch(
      new RegExp(`^::error ${file},line=3,endLine=4,title=over-the-wall::“throws the build over the wall`),
    )
    expect(commands[1]).toMatch(new RegExp(`^::warning ${file},line=6,endLine=6,col=14,endColumn=40,title=disowning::`))
    expect(commands[2]).toBe(
      '::notice file=docs/emoji.md,line=1,endLine=1,col=16,endColumn=28,title=stamp::' +
        '“rubber stamp” says "<script>alert(1)</script>" & ]]> 🎉 100%25, ::error::x. ' +
        'It could read “a "careful" <look> ]]> & 🎉” (or 1 more).',
    )
  })

  it('adds a table to the summary of the step, in which a document cannot put Markdown', async () => {
    const summary = await readFile(join(cwd, 'step.md'), 'utf8')
    expect(summary).toMatch(/^What another step said\.\n## Silolint: 4 findings in 3 documents\n/)
    expect(summary.match(/^\| (?:error|warning|info) \| /gm)).toHaveLength(4)
    expect(summary).toContain('\\<script\\>')
    expect(summary).not.toContain('<script>')
  })

  it('keeps its annotations where the summary cannot be written, and says so', async () => {
    const env = { GITHUB_STEP_SUMMARY: join(cwd, 'nowhere', 'step.md') }
    const run = await silolint(['docs', '-f', 'github'], { cwd, env })
    expect(run.stdout).toBe(reports.github)
    expect(run.code).toBe(2)
    expect(run.stderr).toMatch(/^nowhere\/step\.md: the step's summary cannot be written \(ENOENT\)/)
  })
})

describe('gitlab', () => {
  it('is what GitLab asks for, with paths from the root of the repository', async () => {
    const valid = new Ajv().compile(json<object>(await schema('gitlab.json')))
    for (const report of [reports.gitlab, none.gitlab]) {
      valid(json(report))
      expect(valid.errors ?? []).toEqual([])
    }
    const below = json<unknown[]>((await silolint(['-f', 'gitlab'], { cwd: join(cwd, 'docs') })).stdout)
    expect(below).toEqual(json(reports.gitlab))
    expect(below[2]).toMatchObject({
      check_name: 'over-the-wall',
      severity: 'major',
      location: { path: page, lines: { begin: 3, end: 4 } },
    })
  })
})

describe('junit', () => {
  it('is valid by Jenkins’ schema, with findings and without', async () => {
    expect(await xmlFaults(reports.junit, 'junit.xsd')).toEqual([])
    expect(await xmlFaults(none.junit, 'junit.xsd')).toEqual([])
    expect(await xmlFaults('<testsuites><test/></testsuites>', 'junit.xsd')).not.toEqual([])
  })

  it('fails a test a finding, but none for information, and passes one for a clean document', () => {
    const name = page.replace('&', '&amp;').replace("'", '&#39;')
    expect(reports.junit).toContain(`<testsuite name="${name}" tests="2" failures="2" errors="0">`)
    expect(reports.junit).toContain('<testsuite name="docs/emoji.md" tests="2" failures="0" errors="0">')
    expect(reports.junit).toContain('<testcase name="no findings" classname="docs/clean.md"/>')
    expect(reports.junit).toContain('→ a &quot;careful&quot; &lt;look&gt; ]]&gt; &amp; 🎉\n')
  })
})

describe('checkstyle', () => {
  it('is valid by the schema, with findings and without', async () => {
    expect(await xmlFaults(reports.checkstyle, 'checkstyle.xsd')).toEqual([])
    expect(await xmlFaults(none.checkstyle, 'checkstyle.xsd')).toEqual([])
    expect(await xmlFaults('<checkstyle><error/></checkstyle>', 'checkstyle.xsd')).not.toEqual([])
    expect(reports.checkstyle).toContain('<error line="3" column="26" severity="error" message="“throws the build')
    expect(reports.checkstyle).toContain('source="silolint.over-the-wall"/>')
  })
})

describe('rdjson and rdjsonl', () => {
  interface Diagnostic {
    message: string
    location: { path: string; range: { start: { column: number } } }
    suggestions: Array<{ text: string }>
  }

  it('are valid by reviewdog’s schema and say the same', async () => {
    const valid = new Draft04({ strict: false }).compile(json<object>(await schema('rdjson.json')))
    const one = json<{ source: object; diagnostics: Diagnostic[] }>(reports.rdjson)
    const many = lines(reports.rdjsonl).map((line) => json<Diagnostic>(line))
    for (const report of [one, json(none.rdjson), { diagnostics: many }]) {
      valid(report)
      expect(valid.errors ?? []).toEqual([])
    }
    expect(many).toEqual(one.diagnostics.map((diagnostic) => ({ ...diagnostic, source: one.source })))
  })

  it('count columns in bytes of UTF-8 and suggest what can be committed as it is', () => {
    const [stamp] = json<{ diagnostics: Diagnostic[] }>(reports.rdjson).diagnostics
    const line = Buffer.from(files[emoji] as string)
    expect(line.subarray((stamp?.location.range.start.column ?? 0) - 1).toString()).toMatch(/^rubber stamp/)
    expect(stamp?.suggestions.map(({ text }) => text)).toEqual(['a "careful" <look> ]]> & 🎉'])
  })
})

describe('html', () => {
  it('is one page that loads and runs nothing, whatever a document or a rule says', () => {
    expect(reports.html).toMatch(/^<!DOCTYPE html>\n<html lang="en">/)
    expect(reports.html).not.toMatch(/<script|<link|<img|<iframe|\son\w+=|@import|url\(/i)
    expect(reports.html).toContain("default-src 'none'")
    expect(reports.html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
  })

  it('sums up by rule and by document and shows each finding in its line with its rewrites', () => {
    expect(reports.html).toContain('<p>4 findings in 2 of 3 documents.</p>')
    expect(reports.html).toContain('<tr><th scope="row">stamp</th><td></td><td></td><td>2</td></tr>')
    expect(reports.html).toContain('<a href="#d1">docs/emoji.md</a>')
    expect(reports.html).toContain(
      'Note 🎉 &quot;x&quot;: Engineering <mark>throws the build\n over the wall to Support</mark>.',
    )
    expect(reports.html).toContain(
      '<li>a &quot;careful&quot; &lt;look&gt; ]]&gt; &amp; 🎉</li><li>a [careful] look</li>',
    )
  })
})

describe('a run in which rules were missing', () => {
  it('does not say that there are no findings', async () => {
    const page = (front: string) => `---\n${front}\n---\n\n# Own\n`
    const folder = await folderWith({
      '.silolint/rules/broken.md': page('severity: warnin\nphrases: [bear with us]'),
      '.silolint/rules/sound.md': page('severity: warning\nmessage: "Not that."\nphrases: [bear with me]'),
      'a.md': 'A bee.\n',
      'b.md': 'Bear with me.\n',
    })
    const said = 'Not all was looked for in 1 document: .silolint/rules/broken.md cannot be used as written'
    const clean = await silolint(['a.md', '-f', 'stylish', '-f', 'html=out.html'], { cwd: folder })
    expect(clean).toMatchObject({ code: 2, stdout: `${said}.\n` })
    expect(clean.stderr).toContain('.silolint/rules/broken.md:2:11: "severity" does not take this value')
    expect(await readFile(join(folder, 'out.html'), 'utf8')).toContain(said)
    // findings speak for themselves
    expect((await silolint(['b.md'], { cwd: folder })).stdout).toContain('1 finding: 1 warning.')
    const tested = await silolint(['rule', 'test', '.silolint/rules/broken.md'], { cwd: folder })
    expect(tested.code).toBe(2)
    expect(tested.stdout).not.toContain('No findings')
  })
})

describe('what a run does not show', () => {
  it('is counted in one line at the end', async () => {
    const folder = await folderWith({
      '.silolintrc.json': '{ "rules": { "over-the-wall": "info" } }',
      'a.md': 'The keys are not our responsibility.\n',
    })
    await silolint(['baseline'], { cwd: folder })
    expect((await silolint([], { cwd: folder })).stdout).toBe(
      'No findings in 1 document.\n1 finding hidden: 1 in the baseline.\n',
    )
    await writeFile(
      join(folder, 'a.md'),
      'The keys are not our responsibility.\n\nThe lifts are not our responsibility.\n\nOps throws it over the wall to Sales.\n',
    )
    const { stdout } = await silolint(['--quiet', '-f', 'stylish', '-f', 'html=out.html'], { cwd: folder })
    const hidden = '2 findings hidden: 1 in the baseline, 1 by --quiet.'
    expect(stdout).toMatch(new RegExp(`1 finding: 1 warning\\.\n${hidden}\n$`))
    expect(await readFile(join(folder, 'out.html'), 'utf8')).toContain(`<p>1 finding in 1 of 1 document. ${hidden}</p>`)
    expect((await silolint(['--no-baseline'], { cwd: folder })).stdout).not.toContain('hidden')
  })
})
