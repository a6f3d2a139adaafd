import { type Command, Option } from 'commander'
import type { Suppression } from '../../engine/index.ts'
import { print, printable } from '../console.ts'
import { count } from '../documents.ts'
import { addSelection, type Selection, selected } from '../selection.ts'

interface Options extends Selection {
  format: 'text' | 'json'
}

/** Adds the command that lists the comments which hide findings, for whoever has to answer for them. */
export function addSuppressions(command: Command): void {
  const suppressions = command
    .command('suppressions')
    .summary('list the comments that hide findings')
    .description('List the comments that hide findings: where, which rules, why, until when, and how many findings.')
  addSelection(suppressions)
    .addOption(new Option('-f, --format <name>', 'how they are printed').choices(['text', 'json']).default('text'))
    .addHelpText('after', '\nThe exit code is 0, or 2 where not all of it could be done.')
    .action(list)
}

async function list(paths: string[], { format, ...options }: Options, command: Command): Promise<void> {
  const { silolint, documents } = await selected(paths, options, command)
  const all: Entry[] = []
  let documentCount = 0
  for await (const { path, suppressions } of silolint.lint(documents)) {
    documentCount++
    all.push(...suppressions.map((suppression) => toEntry(path, suppression)))
  }
  await print(format === 'json' ? toJson(all) : toText(all, documentCount))
}

/** A comment as the JSON of this command has it; line and column count from 1. */
interface Entry {
  path: string
  line: number
  column: number
  kind: Suppression['kind']
  /** None for all rules. */
  rules: string[]
  reason: string
  until: string | null
  /** Of a comment that has expired: how many findings it would hide. */
  hides: number
  expired: boolean
  /** Nothing of it has an effect. */
  unused: boolean
  /** Its rules that hide nothing although they are on. */
  unusedRules: string[]
  unknownRules: string[]
  /** It cannot be understood, such as for a day that is none, and hides nothing. */
  faulty: boolean
}

function toEntry(path: string, suppression: Suppression): Entry {
  const {
    kind,
    rules,
    reason,
    until = null,
    place,
    hides,
    isExpired,
    isUnused,
    unused,
    unknown,
    isFaulty,
  } = suppression
  const { line, column } = place.start
  const judged = { expired: isExpired, unused: isUnused, unusedRules: unused, unknownRules: unknown, faulty: isFaulty }
  return { path, line, column, kind, rules, reason, until, hides, ...judged }
}

const toJson = (entries: readonly Entry[]): string =>
  entries.length ? `[\n${entries.map((entry) => JSON.stringify(entry)).join(',\n')}\n]\n` : '[]\n'

/** A line for each comment below the path of its document, in columns, and a sum. */
function toText(entries: readonly Entry[], documentCount: number): string {
  const documents = count(documentCount, 'document')
  if (!entries.length) return `No suppressions in ${documents}.\n`
  const rows = entries.map(({ path, line, column, kind, rules, reason, ...entry }) => ({
    path,
    cells: [`${line}:${column}`, kind, rules.join(', ') || 'all rules', stateOf(kind, entry)],
    reason,
  }))
  const widths = [0, 1, 2, 3].map((cell) => Math.max(...rows.map(({ cells }) => cells[cell]?.length ?? 0)))
  let text = ''
  let last: string | undefined
  for (const { path, cells, reason } of rows) {
    if (path !== last) text += `${last === undefined ? '' : '\n'}${printable(path)}\n`
    last = path
    const padded = cells.map((cell, index) => printable(cell).padEnd(widths[index] ?? 0))
    text += `  ${[...padded, printable(reason)].join('  ').trimEnd()}\n`
  }
  const notes = [
    [entries.filter(({ faulty }) => faulty).length, 'faulty'],
    [entries.filter(({ expired }) => expired).length, 'expired'],
    [entries.filter(({ unused, unusedRules }) => unused || unusedRules.length).length, 'unused'],
    [entries.filter(({ unknownRules }) => unknownRules.length).length, 'of unknown rules'],
    [entries.filter(({ reason, kind }) => !reason && kind !== 'enable').length, 'without a reason'],
  ] as const
  const said = notes.filter(([number]) => number).map(([number, what]) => `${number} ${what}`)
  return `${text}\n${count(entries.length, 'suppression')} in ${documents}${said.length ? `: ${said.join(', ')}` : ''}.\n`
}

function stateOf(
  kind: Entry['kind'],
  {
    hides,
    until,
    expired,
    unused,
    unusedRules,
    unknownRules,
    faulty,
  }: Omit<Entry, 'path' | 'line' | 'column' | 'kind' | 'rules' | 'reason'>,
): string {
  if (faulty) return `faulty: ${JSON.stringify(until)} is no day`
  const parts = kind === 'enable' ? [] : [expired ? `would hide ${hides}` : `hides ${hides}`]
  if (until) parts.push(expired ? `expired ${until}` : `until ${until}`)
  if (unused) parts.push('unused')
  else if (unusedRules.length) parts.push(`unused: ${unusedRules.join(', ')}`)
  if (unknownRules.length) parts.push(`unknown: ${unknownRules.join(', ')}`)
  return parts.join(', ')
}
