import type { VFileMessage } from 'vfile-message'
import { type Layer, readLayer } from './catalogue.ts'
import type { Fault } from './fault.ts'
import { createLinter, type Linter } from './linter.ts'
import { type Condition, type Example, type GuardFile, idOf, type RuleFile, type RuleSource } from './rulefile.ts'
import type { Settings } from './settings.ts'

/** What a file in a folder of rules is. */
export type RuleFileKind = 'rule' | 'guard' | 'vocabulary' | 'role' | 'sector'

/** What a rule file stands among: the rules in force beside it, with itself as it was saved. */
export interface Beside {
  layers: readonly Layer[]
  /** Which of them it is part of. */
  layer: number
  /** What the configuration adds to vocabularies. */
  words: Pick<Settings, 'vocabularies'> & { sectors: string[] }
}

/** A rule file as it is being written, put in the place of the saved one. */
export interface Draft {
  kind: RuleFileKind
  id: string
  path: string
  text: string
  /** What is wrong with this file; of its examples `checkExamples` tells. */
  faults: Fault[]
  /** Knows this rule alone, or for a guard the rules that it has a say in, at their own severities. */
  linter: Linter
  /** The rule, where it can be used. */
  rule: RuleFile | undefined
  guard: GuardFile | undefined
}

const folders = {
  rule: 'rules',
  guard: 'guards',
  vocabulary: 'vocabularies',
  role: 'roles',
  sector: 'sectors',
} as const

/** Reads a rule file that may not be saved yet. Only what it has to do with is compiled, so it can be done while typing. */
export function openDraft(kind: RuleFileKind, file: RuleSource, { layers, layer: at, words }: Beside): Draft {
  const id = file.id ?? idOf(file.path)
  const saved = layers[at]
  const below = layers[at - 1]?.guardIds ?? []
  const { layer: own, faults } = readLayer(
    {
      ...{ rules: [], guards: [], vocabularies: [], roles: [], sectors: [] },
      code: saved?.code ?? {},
      [folders[kind]]: [file],
    },
    // a rule may name the guards beside it; a guard of a name that there is below adds to that one
    kind === 'rule' ? [...below, ...(saved?.guardIds ?? [])] : below,
  )
  const [guard] = own.guards
  const rulesHere = kind === 'guard' ? layers.flatMap(({ rules }) => rules) : own.rules
  const isAlways = layers.some(({ guards }) => guards.some((one) => one.id === id && one.always)) || guard?.always
  const concerned = rulesHere.filter((rule) => kind !== 'guard' || isAlways || namedBy(rule).has(id))
  const named = new Set(concerned.flatMap((rule) => [...namedBy(rule)]))
  // only the program beside a rule knows which guards it asks for
  const needsAll = concerned.some((rule) => rule.kind === 'code')
  const isOther = ({ path }: { path: string }): boolean => path !== file.path
  const around = layers.map((layer, index): Layer => {
    const others: Layer = {
      ...layer,
      faulty: [],
      rules: layer.rules.filter((rule) => concerned.includes(rule) && isOther(rule)),
      guards: layer.guards.filter((one) => (one.always || needsAll || named.has(one.id)) && isOther(one)),
      vocabularies: layer.vocabularies.filter(isOther),
      roles: layer.roles.filter(isOther),
      sectors: layer.sectors.filter((sector) => index !== at || kind !== 'sector' || sector.id !== id),
    }
    if (index !== at) return others
    return {
      ...others,
      faulty: own.faulty,
      rules: [...others.rules, ...own.rules],
      guards: [...others.guards, ...own.guards],
      vocabularies: [...others.vocabularies, ...own.vocabularies],
      roles: [...others.roles, ...own.roles],
      sectors: [...others.sectors, ...own.sectors],
    }
  })
  const { linter, faults: more } = createLinter(around, { rules: {}, ...words })
  return {
    ...{ kind, id, path: file.path, text: file.text, linter },
    rule: kind === 'rule' ? linter.catalogue.rules.find((rule) => rule.path === file.path) : undefined,
    guard,
    faults: [...faults, ...more.filter(({ path }) => path === file.path)],
  }
}

/**
 * Tries the examples on the page of a draft, one at a time, so that whoever waits for more can do something else between.
 * A flagged one must be found once and read as its page says when it is rewritten, and no rewrite may be found by
 * another rule; an innocent one must be left alone. What a guard clears must be found without it.
 *
 * @param others lints with all other rules, as `Linter.lint` in Markdown; each text may come again
 */
export function* checkExamples(draft: Draft, others: (text: string) => readonly VFileMessage[]): Generator<Fault[]> {
  const { rule, guard } = draft
  for (const example of rule?.examples ?? []) yield checkExample(draft, example, others)
  for (const example of guard?.examples ?? []) yield checkGuardExample(draft, example)
}

function checkExample(
  { id, linter, path, text: page }: Draft,
  { flagged, text, rewritten, line }: Example,
  others: (text: string) => readonly VFileMessage[],
): Fault[] {
  const own = (text: string) => linter.lint(text, { format: 'markdown' }).messages.filter(({ ruleId }) => ruleId === id)
  const found = own(text)
  const [finding] = found
  const at = placeOf(page, line)
  if (!flagged) {
    if (!finding) return []
    const cure = 'Begin it with - if it should be found; else narrow the phrase, or say what clears it under "unless".'
    return [{ path, ...at, problem: `this should be left alone, and ${quoted(found)} is found`, cure }]
  }
  if (!finding) {
    const guard = clearedBy(linter, () => own(text).length > 0)
    const cure = guard
      ? `The guard "${guard}" clears it: take the guard out of "unless", or begin the line with a blank.`
      : 'Add a phrase that finds it, or begin the line with a blank if it should be left alone.'
    return [{ path, ...at, problem: 'this should be found, and is not', cure }]
  }
  if (found.length > 1)
    return [
      {
        ...{ path, ...at, problem: `this is found ${found.length} times: ${quoted(found)}` },
        cure: 'Make the phrases one that finds all of it once, or put each part on a line of its own.',
      },
    ]
  const faults: Fault[] = []
  const [first, ...more] = (finding.expected ?? []).map((rewrite) => replaced(text, finding, rewrite))
  if (rewritten !== undefined && first !== rewritten) {
    const where = placeOf(page, rewriteLine(page, line, rewritten))
    if (first === undefined)
      faults.push({
        ...{ path, ...where, problem: 'nothing is offered here, so this text cannot come of it' },
        cure: 'Add a rewrite that suits the phrase, or take this line out.',
      })
    else
      faults.push({
        ...{ path, ...where, value: shown(first), problem: 'the first rewrite gives another text' },
        cure: 'Write that text behind the +, or mend the rewrite.',
      })
  }
  for (const after of [first, ...more]) {
    if (after === undefined) continue
    const [still] = [...own(after), ...others(after).filter(({ ruleId }) => ruleId !== id)]
    if (!still) continue
    faults.push({
      ...{ path, ...at, value: shown(after) },
      problem: `a rewrite is found itself, by ${still.ruleId}: “${still.actual}”`,
      cure: 'Word the rewrite otherwise, so that whoever takes it is done.',
    })
  }
  return faults
}

function checkGuardExample({ id, linter, path, text: page }: Draft, { flagged, text, line }: Example): Fault[] {
  const findings = () => linter.lint(text, { format: 'markdown' }).messages
  // what a guard weakens stays as information
  const isFull = ({ fatal }: VFileMessage): boolean => fatal !== undefined && fatal !== null
  const found = findings()
  const at = placeOf(page, line)
  if (flagged)
    return found.length
      ? []
      : [
          {
            ...{ path, ...at, problem: 'the guard should not clear this, and no rule that it serves finds it' },
            cure: 'Narrow the phrases of the guard, or begin the line with a blank if it is to be cleared.',
          },
        ]
  if (found.some(isFull))
    return [
      {
        ...{ path, ...at, problem: `this should be cleared, and ${quoted(found.filter(isFull))} is found` },
        cure: 'Add a phrase to the guard, or widen "where".',
      },
    ]
  const { guards } = linter.catalogue
  const own = guards.get(id)
  guards.delete(id)
  const without = findings().some(isFull)
  if (own) guards.set(id, own)
  if (without) return []
  const cure = 'Show a text that a rule would find, and name the guard in that rule under "unless".'
  return [{ path, ...at, problem: 'no rule finds this, with or without the guard', cure }]
}

/** The guard without which the test holds. */
function clearedBy({ catalogue: { guards } }: Linter, test: () => boolean): string | undefined {
  for (const [id, guard] of [...guards]) {
    guards.delete(id)
    const holds = test()
    guards.set(id, guard)
    if (holds) return id
  }
  return undefined
}

/** A line of a page, without its mark. */
function placeOf(page: string, line: number): Pick<Fault, 'line' | 'column' | 'endLine' | 'endColumn'> {
  const text = page.split(/\r\n?|\n/)[line - 1] ?? ''
  const from = text.startsWith('@@') ? 0 : (/^[-+ ]?\s*/.exec(text)?.[0].length ?? 0)
  return { line, column: from + 1, endLine: line, endColumn: Math.max(from, text.trimEnd().length) + 1 }
}

/** The line of an example that says what its rewrite gives; the example's own where it is one of several lines. */
function rewriteLine(page: string, line: number, rewritten: string): number {
  const lines = page.split(/\r\n?|\n/)
  const end = lines.findIndex((text, index) => index >= line && /^(?:```|-)/.test(text))
  const found = lines.findIndex(
    (text, index) => index >= line && index < end && text.startsWith('+') && text.slice(1).trim() === rewritten,
  )
  return found < 0 ? line : found + 1
}

function replaced(text: string, { place }: VFileMessage, rewrite: string): string | undefined {
  if (!place || !('start' in place)) return undefined
  return text.slice(0, place.start.offset) + rewrite + text.slice(place.end.offset)
}

const quoted = (findings: readonly VFileMessage[]): string => findings.map(({ actual }) => `“${actual}”`).join(' and ')
const shown = (text: string): string => text.trimEnd()

/** The ids of the guards that a rule names. */
function namedBy(rule: RuleFile): Set<string> {
  const conditions: Condition[] = [
    ...[...rule.unless, ...rule.needs, ...rule.lacks],
    ...rule.groups.flatMap(({ unless, needs }) => [...unless, ...needs]),
  ]
  return new Set([
    ...conditions.flatMap((condition) => ('guard' in condition ? [condition.guard] : [])),
    ...rule.groups.flatMap(({ despite }) => despite),
  ])
}
