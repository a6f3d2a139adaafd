import {
  type Block,
  type CodeRule,
  codeIn,
  fact,
  type Reading,
  type Report,
  type Role,
  type Section,
  type Sentence,
  spanOfSentence,
} from '../engine/rule.ts'

/** A stretch of a document in which work goes from step to step: a list, a table or a section's paragraphs. */
interface Run {
  kind: 'list' | 'table' | 'prose'
  section: Section
  /** The steps, with whoever does each. */
  steps: Array<{ sentence: Sentence; parties: string[] }>
}

const whoHeader =
  /\b(?:who|by|owners?|leads?|responsib\w*|actors?|departments?|teams?|functions?|performed|units?|desk|groups?|area|party)\b/i
const stepHeader = /\b(?:steps?|stages?|activit(?:y|ies)|actions?|tasks?|what|process|phase|no\.?|#)(?:\b|$)/i
const set = (list: string): ReadonlySet<string> => new Set(list.split(' '))
const determiners = set('the a an our each your every their both two three')
/** What begins a sentence and is nobody who works. */
const nobody = set(
  'one whoever it they he she we you i this that these those there if when where once after before for in on at with as by to from all any no not then next finally first if please who what how why while until unless since because also and or but so',
)
const verbsBehind = set(
  'is are was were be been must shall will should would may might can could has have had need needs of and or',
)
const notSteps: ReadonlySet<Role> = new Set([
  'responsibilities',
  'reporting',
  'example',
  'glossary',
  'measure',
  'objective',
])
const machines = ['machine-work', 'part-of-a-system', 'about-software']
/** From so many blocks on a document is a handbook of several procedures. */
const handbook = 60
/** More code than this makes a document the manual of a system. */
const technical = 6

/** Procedures in which the case passes between functions and belongs to nobody: one finding a document. */
const check: CodeRule = function* (reading) {
  const { blocks } = reading.document
  const code = reading.total(codeIn) + reading.fences
  if (code > technical && code > blocks.length / 10) return
  const runs = runsOf(reading).filter((run) => passes(reading, run))
  if (!runs.length) return
  const held = blocks.filter((block) => block.kind !== 'heading' && reading.of(block, isHeldIn))
  // a handbook has many procedures: who holds one case holds no other
  const run = runs.find((one) => !held.some((block) => blocks.length < handbook || isNear(block.section, one.section)))
  const report = run && reportOf(reading, run)
  if (report) yield report
}
check.hangsOn = (reading, block) =>
  block.table ? [block] : [reading.of(block, codeIn), reading.of(block, isHeldIn), reading.of(block, workIn)]
export default check

/** Who does what in a block, sentence by sentence, and how that looks. */
const workIn = fact((block, reading: Reading): string =>
  JSON.stringify(
    reading
      .of(block, stepsIn)
      .map(({ sentence, parties }) => [
        parties,
        ...['passing', 'party'].map((name) => reading.found(sentence, name).length > 0),
        machines.some((guard) => reading.guarded(sentence, guard).length > 0),
      ]),
  ),
)

/** Whether a section is the other, stands above or below it, or opens the document. */
function isNear(section: Section, other: Section): boolean {
  if (section.level < 2) return true
  const above = (low: Section, high: Section): boolean => {
    for (let one: Section | undefined = low; one; one = one.parent) if (one === high) return true
    return false
  }
  // siblings below a heading of their own are parts of one procedure
  return (
    above(section, other) ||
    above(other, section) ||
    (section.parent === other.parent && (other.parent?.level ?? 0) > 1)
  )
}

const isHeldIn = fact((block, reading: Reading): boolean =>
  reading.sentences(block).some((sentence) => isHeld(reading, sentence)),
)

/** Whether a sentence names somebody who holds the case, or who keeps the served party told. */
function isHeld(reading: Reading, sentence: Sentence): boolean {
  const roles = reading.found(sentence, 'role')
  const names = (name: string): boolean =>
    reading.found(sentence, name).some((match) => !roles.some((role) => role.from <= match.from && role.to >= match.to))
  return names('holds') || names('tells')
}

/** The lists, tables and paragraphs of a document that could be procedures, with their parties. */
function runsOf(reading: Reading): Run[] {
  /** By the number of a list, or from below zero by that of a heading. */
  const runs = new Map<number | string, Run>()
  const tables = new Map<number, Block[]>()
  const otherKinds = new Map<Section, boolean>()
  for (const block of reading.document.blocks) {
    if (block.kind === 'heading' || block.kind === 'quotation' || block.quoted) continue
    if (notSteps.has(block.role)) continue
    let isOther = otherKinds.get(block.section)
    if (isOther === undefined) {
      isOther = isOtherKind(reading, block.section)
      otherKinds.set(block.section, isOther)
    }
    if (isOther) continue
    if (block.table) {
      const cells = tables.get(block.table.table)
      if (cells) cells.push(block)
      else tables.set(block.table.table, [block])
      continue
    }
    const key = block.list ? block.list.list : -1 - (block.section.heading?.index ?? 0)
    let run = runs.get(key)
    if (!run) {
      run = { kind: block.list ? 'list' : 'prose', section: block.section, steps: [] }
      runs.set(key, run)
    }
    for (const step of reading.of(block, stepsIn)) run.steps.push(step)
  }
  for (const [table, cells] of tables) {
    const who = cells.find((cell) => cell.table?.row === 0 && whoHeader.test(cell.prose))?.table?.column
    const step = cells.find((cell) => cell.table?.row === 0 && cell.table.column !== who && stepHeader.test(cell.prose))
    if (who === undefined || !step) continue
    const steps: Run['steps'] = []
    const rows = new Map<number, Block[]>()
    for (const cell of cells) {
      const row = rows.get(cell.table?.row ?? 0)
      if (row) row.push(cell)
      else rows.set(cell.table?.row ?? 0, [cell])
    }
    for (const cell of cells) {
      if (!cell.table?.row || cell.table.column !== who) continue
      const row = rows.get(cell.table.row)?.filter((one) => one !== cell) ?? []
      // a number says nothing; the sentence goes behind the words of the step
      const text = row.find((one) => /\p{L}{2}/u.test(one.prose))
      const sentence = text && reading.sentences(text).at(-1)
      if (sentence) steps.push({ sentence, parties: [cell.prose.toLowerCase()] })
    }
    const section = cells[0]?.section
    if (section) runs.set(`table ${table}`, { kind: 'table', section, steps })
  }
  return [...runs.values()]
}

const stepsIn = fact((block, reading: Reading): Run['steps'] =>
  reading.sentences(block).map((sentence) => ({ sentence, parties: partiesOf(reading, sentence) })),
)

function isOtherKind(reading: Reading, section: Section): boolean {
  for (let one: Section | undefined = section; one; one = one.parent) {
    if (one.heading && reading.of(one.heading, isHeadingOfOtherKind)) return true
  }
  return false
}

const isHeadingOfOtherKind = fact((heading, reading: Reading): boolean =>
  reading.sentences(heading).some((sentence) => reading.found(sentence, 'other-kind').length > 0),
)

/** Who does what a sentence says, in lower case: the words before the verbs of its clauses, and behind "by". */
function partiesOf(reading: Reading, sentence: Sentence): string[] {
  const { tokens, prose } = sentence.block
  if (!tokens) return []
  const raw = (at: number): string => (at < sentence.to ? prose.slice(tokens.start[at], tokens.end[at]) : '')
  const known = reading.found(sentence, 'party')
  const served = reading.found(sentence, 'served')
  const verbs = new Set(reading.found(sentence, 'works').map(({ from }) => from))
  const plain = new Set(reading.found(sentence, 'work').map(({ from }) => from))
  const parties: string[] = []
  const partyAt = (at: number): string | undefined => {
    let from = at
    while (from < sentence.to && determiners.has(raw(from).toLowerCase())) from++
    const party = known.filter((match) => match.from <= from && match.to > from).sort((a, b) => b.to - a.to)[0]
    const isName = party !== undefined || /^\p{Lu}/u.test(raw(from)) || from > at
    if (!isName) return undefined
    for (let end = from; end < Math.min(from + 6, sentence.to); end++) {
      const word = raw(end).toLowerCase()
      if (end > from && end >= (party?.to ?? 0)) {
        const next = raw(end + 1).toLowerCase()
        const isVerb =
          raw(end) === word &&
          !verbsBehind.has(next) &&
          (verbs.has(end) ||
            (/^[a-z]{3,}s$/.test(word) &&
              (determiners.has(next) || /^(?:it|them|its|whether|which|what|out|up|off|back|over|down)$/.test(next))) ||
            (party !== undefined && plain.has(end) && (end === party.to || end === party.to + 1)))
        // "alerts for", "types.": a plural noun, unless a function stands before it
        if (
          isVerb &&
          (party !== undefined ||
            (next !== '' &&
              (!/^(?:for|from|by)$/.test(next) ||
                /\.$/.test(reading.words(sentence.block, sentence.from, sentence.to))) &&
              !/^[^\w,]/.test(next)))
        ) {
          if (served.some((match) => match.from <= from && match.to >= end)) return undefined
          return reading.words(sentence.block, from, end).toLowerCase()
        }
      }
      if (
        (nobody.has(word) &&
          end >= (party?.to ?? 0) &&
          raw(end) !== 'IT' &&
          !(end > from && /^(?:and|in|of|at|for)$/.test(word))) ||
        (((tokens.looks[end] as number) & 1) === 0 && !/[&–—-]/.test(raw(end)))
      )
        return undefined
    }
    return undefined
  }
  for (let at = sentence.from; at < sentence.to; at++) {
    const opens = at === sentence.from || /^(?:[,;:]|and|which|then)$/.test(raw(at - 1))
    const party = opens ? partyAt(at) : undefined
    if (party) parties.push(party)
    if (
      raw(at) === 'by' &&
      /(?:ed|en|wn|nt|ne|de)$/.test(raw(at - 1)) &&
      /^\p{Lu}/u.test(raw(at + 1)) &&
      !served.some(({ from }) => from === at + 1)
    ) {
      let end = at + 1
      while (end < sentence.to && /^\p{Lu}/u.test(raw(end))) end++
      parties.push(reading.words(sentence.block, at + 1, end).toLowerCase())
    }
  }
  return parties
}

/** Whether the case passes between functions here: three or more by turns, or two with words of passing on. */
function passes(reading: Reading, run: Run): boolean {
  const parties: string[] = []
  for (const step of run.steps) for (const party of step.parties) parties.push(party)
  if (parties.length < 2 || !turnsOver(reading, run, parties)) return false
  // a request that goes from the gateway to the database is nobody's case
  const ofMachines = run.steps.filter(({ sentence }) =>
    machines.some((guard) => reading.guarded(sentence, guard).length > 0),
  ).length
  return ofMachines * 2 <= run.steps.length
}

function turnsOver(reading: Reading, run: Run, parties: readonly string[]): boolean {
  const distinct = new Set(parties)
  // of most there is no need to ask what is said of them
  if (distinct.size < (run.kind === 'list' ? 2 : 3)) return false
  const turns = parties.filter((party, index) => index > 0 && party !== parties[index - 1]).length
  if (run.kind === 'table') return distinct.size > 2 && turns > 1
  const relays = run.steps.filter(({ sentence }) => reading.found(sentence, 'passing').length > 0).length
  if (run.kind === 'prose') {
    const known = run.steps.some(
      ({ sentence, parties: own }) => own.length > 0 && reading.found(sentence, 'party').length > 0,
    )
    const dense = run.steps.filter((step) => step.parties.length > 0).length >= run.steps.length * 0.6
    return known && dense && (distinct.size > 3 || (distinct.size > 2 && relays > 0))
  }
  const items = new Set(run.steps.map(({ sentence }) => sentence.block)).size
  const acting = new Set(run.steps.filter((step) => step.parties.length > 0).map(({ sentence }) => sentence.block)).size
  return items > 2 && acting >= items * 0.6 && turns > 1 && (distinct.size > 2 || (distinct.size > 1 && relays > 0))
}

/** The finding on the first sentence that passes the case on, else on the first step. */
function reportOf(reading: Reading, run: Run): Report | undefined {
  const step =
    run.steps.find(({ sentence, parties }) => parties.length > 0 && reading.found(sentence, 'passing').length > 0) ??
    run.steps.find(({ parties }) => parties.length > 0) ??
    run.steps[0]
  if (!step) return undefined
  const { start, end, text } = spanOfSentence(step.sentence)
  return {
    block: step.sentence.block,
    start,
    end,
    rewrites: [
      `${text} [Name] holds the case from start to finish and tells [the customer] what happens next.`,
      `${text} [Role] stays with it until [the customer] has [outcome].`,
    ],
  }
}
