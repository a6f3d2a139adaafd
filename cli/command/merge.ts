import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import * as v from 'valibot'
import { VFileMessage } from 'vfile-message'
import type { Fault } from '../../engine/fault.ts'
import { readDocument } from '../../engine/files.ts'
import { rangeOf } from '../../engine/finding.ts'
import type { RuleInfo } from '../../engine/linter.ts'
import { fatalOf, severities } from '../../engine/severity.ts'
import { exitWith, reportFault } from '../console.ts'
import { codeOf, slashed } from '../documents.ts'
import { addFailing, type Failing, Tally } from '../failing.ts'
import { addOutput, type OutputOptions, openOutputs } from '../output.ts'
import { type Hidden, shown } from '../report.ts'
import { type LintResult, Silolint } from '../silolint.ts'

interface Options extends Failing, OutputOptions {}

/** Adds the command that joins the reports of several runs. */
export function addMerge(program: Command): void {
  const command = program
    .command('merge')
    .summary('join the reports of several runs')
    .description('Join the JSON or JSON lines reports of several runs, such as shards, and print them in any format.')
    .argument('<files...>', 'reports in the format json or jsonl')
  addFailing(addOutput(command)).action(merge)
}

const pointSchema = v.object({ line: v.number(), column: v.number(), offset: v.number() })
/** The shape of a finding in a JSON report. */
const findingSchema = v.looseObject({
  rule: v.string(),
  severity: v.picklist(severities),
  message: v.string(),
  actual: v.string(),
  rewrites: v.array(v.string()),
  start: pointSchema,
  end: pointSchema,
})
type FindingJson = v.InferOutput<typeof findingSchema>

const numberSchema = v.optional(v.number())
const reportSchema = v.array(
  v.object({
    path: v.string(),
    findings: v.array(findingSchema),
    hidden: v.optional(
      v.object({ baseline: numberSchema, suppressed: numberSchema, unchanged: numberSchema, quiet: numberSchema }),
    ),
  }),
)
const lineSchema = v.looseObject({ ...findingSchema.entries, path: v.string() })
type Entry = v.InferOutput<typeof reportSchema>[number]

async function merge(files: string[], options: Options): Promise<void> {
  const documents = new Map<string, Entry>()
  for (const file of files) {
    for (const entry of await readReport(file)) {
      const known = documents.get(entry.path)
      if (known && JSON.stringify(known) !== JSON.stringify(entry)) {
        reportFault({
          path: slashed(file),
          value: entry.path,
          problem: 'another report says something else of this document, so this one was left out',
          cure: 'Merge reports of the same run only.',
        })
      } else documents.set(entry.path, entry)
    }
  }
  const outputs = await openOutputs(options)
  const tally = new Tally(options)
  const hidden: Hidden = { baseline: 0, suppressed: 0, unchanged: 0, quiet: 0 }
  for (const [, entry] of [...documents].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const result = await toResult(entry)
    const document = shown(result, tally.add(result), entry.hidden)
    for (const why of Object.keys(hidden) as Array<keyof Hidden>) hidden[why] += document.hidden[why]
    await outputs.document(document)
  }
  await outputs.end({
    rules: () => rulesIn(documents.keys()),
    hidden,
    unknown: [],
    faulty: [],
  })
  if (tally.fails) exitWith(1)
}

/** The rules that the configuration at hand puts in force for documents; those of one folder may differ by its overrides. */
async function rulesIn(paths: Iterable<string>): Promise<RuleInfo[]> {
  const silolint = new Silolint()
  const rules = new Map<string, RuleInfo>()
  for (const path of paths) for (const rule of await silolint.rulesFor(path)) rules.set(rule.id, rule)
  return [...rules.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
}

/** The documents of a report with their findings; nothing, and a fault, where it cannot be used. */
async function readReport(file: string): Promise<Entry[]> {
  const fault = (problem: string, cure: string, line?: number): Entry[] => {
    const fault: Fault = { path: slashed(file), problem, cure }
    reportFault(line === undefined ? fault : { ...fault, line })
    return []
  }
  let text: string
  try {
    text = (await readFile(file, 'utf8')).replace(/^\uFEFF/, '')
  } catch (error) {
    const code = codeOf(error)
    return fault(
      code === 'ENOENT' ? 'there is no such report' : `the report cannot be read (${code})`,
      'Name the reports that the runs wrote; a run that was interrupted wrote none.',
    )
  }
  const cure = 'Have each run write one with --format json=FILE; merge prints any format from them.'
  if (/^\s*\[/.test(text)) {
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch {
      return fault('this JSON is broken off or damaged', `${cure} It may come from a run that was interrupted.`)
    }
    const read = v.safeParse(reportSchema, value)
    return read.success ? read.output : fault('this is not a JSON report of silolint', cure)
  }
  const documents = new Map<string, Entry>()
  for (const [index, line] of text.split('\n').entries()) {
    if (!line.trim()) continue
    let value: unknown
    try {
      value = JSON.parse(line)
    } catch {
      return fault('this is not a JSON or JSON lines report of silolint', cure, index + 1)
    }
    const read = v.safeParse(lineSchema, value)
    if (!read.success) return fault('this is not a JSON or JSON lines report of silolint', cure, index + 1)
    const { path, ...finding } = read.output
    const entry = documents.get(path) ?? { path, findings: [] }
    entry.findings.push(finding)
    documents.set(path, entry)
  }
  return [...documents.values()]
}

async function toResult({ path, findings: found }: Entry): Promise<LintResult> {
  const findings = found.map((json) => fromJson(path, json))
  const file = resolve(path)
  const nothing = { known: [], unchanged: [], unmatched: [], moved: [], suppressed: [], suppressions: [] }
  return { path, file, source: await sourceOf(file, findings), findings, ...nothing }
}

/** The text of a document; where it is not at hand, or another by now, what the findings tell of it at its places. */
async function sourceOf(file: string, findings: LintResult['findings']): Promise<string> {
  if (!findings.length) return ''
  const read = await readDocument(file)
  const isSame = (source: string): boolean =>
    findings.every((finding) => {
      const { start, end } = rangeOf(finding)
      return source.slice(start.offset, end.offset) === finding.actual
    })
  if ('source' in read && isSame(read.source)) return read.source
  let source = ''
  for (const finding of findings) {
    const { start } = rangeOf(finding)
    const lineStart = start.offset - start.column + 1
    if (lineStart > source.length) source = `${source.padEnd(lineStart - 1)}\n`
    source = source.padEnd(start.offset)
    source += (finding.actual ?? '').slice(source.length - start.offset)
  }
  return source
}

/** The finding that `toJson` of the JSON reports gave, of a document at a path. */
function fromJson(path: string, json: FindingJson): VFileMessage {
  const { rule, severity, message: reason, rewrites, start, end, ...others } = json
  const finding = new VFileMessage(reason, { place: { start, end }, ruleId: rule, source: 'silolint' })
  const name = `${path}:${start.line}:${start.column}`
  return Object.assign(finding, others, { expected: rewrites, fatal: fatalOf(severity), file: path, name })
}
