import {
  type Block,
  type CodeRule,
  codeIn,
  type Fact,
  fact,
  type Match,
  type Reading,
  type Report,
  type Section,
  type Sentence,
  type SourceText,
} from '../engine/rule.ts'

/** What a charter is made of. */
type Part = 'objective' | 'scope' | 'lines'

const parts: readonly Part[] = ['objective', 'scope', 'lines']
/** The part that a block's role stands for. */
const partOfRole: Readonly<Record<string, Part>> = {
  purpose: 'objective',
  objective: 'objective',
  scope: 'scope',
  responsibilities: 'lines',
  reporting: 'lines',
}
/** The longest text that is a label, in words. */
const longestLabel = 9
/** The longest text, in characters, that may be a charter without any label. */
const short = 1500
/** More code than this makes a document the manual of a system. */
const technical = 6
/** "a customer gets", "each tenant hears": behind these a singular is a person. */
const oneOf = /^(?:an?|each|every|no|any|one|single)$/i
/** What may follow a singular that is a person, and no half of a compound ("customer complaints"). */
const closed =
  /^(?:and|or|who|whose|whom|that|which|can|could|will|would|may|might|must|shall|should|is|are|was|were|has|have|had|does|do|did|gets|in|on|at|for|from|with|by|of|to|as|if|when|where|before|after|until|their|his|her|a|an|the|not|first|so|because|but|than|without|about|into|over|again)$/i

/** A fact for each part. */
const forEach = <T>(find: (block: Block, reading: Reading, part: Part) => T): Record<Part, Fact<T, Reading>> => ({
  objective: fact((block, reading) => find(block, reading, 'objective')),
  scope: fact((block, reading) => find(block, reading, 'scope')),
  lines: fact((block, reading) => find(block, reading, 'lines')),
})

/** Charters with objectives, boundaries and reporting lines, in which nobody served gets anything: one finding a document. */
const check: CodeRule = function* (reading) {
  const { blocks, text } = reading.document
  const code = reading.total(codeIn) + reading.fences
  if (code > technical && code > blocks.length / 10) return
  // most documents end here, before anybody asks where these parts stand
  if (!parts.every((part) => isAnywhere(reading, part))) return
  const title = titleSection(reading.document.sections)
  const labels = new Map<Block, readonly Part[]>()
  const first = new Map<Part, Block>()
  for (const block of blocks) {
    const found = reading.of(block, labelsOf)
    if (!found.length || block.quoted || isShown(block.section)) continue
    labels.set(block, found)
    if (block.section === title && block.kind === 'heading') continue
    for (const part of found) if (!first.has(part)) first.set(part, block)
  }
  // in a long text "reports to" and "does not cover" stand far apart and are about different things
  if (first.size < 1 && text.length > short) return
  if (parts.some((part) => !first.has(part) && !isSaid(reading, part))) return
  const partOf = placesOf(blocks, labels, title)
  const objectives = statementsOf(reading, partOf)
  if (objectives.length && isNone(reading, objectives, first.get('objective'))) return
  if (blocks.some((block) => block.kind !== 'heading' && isGivenIn(reading, block, partOf(block)))) return
  const report = reportOf(reading, first, objectives)
  if (report) yield isWeak(reading, objectives) ? { ...report, severity: 'info' } : report
}
check.hangsOn = (reading, block) => {
  const isPart = reading.of(block, labelsOf).length > 0 || parts.some((part) => reading.of(block, saidIn[part]))
  // of the other parts it counts only whether they give somebody something; a short text may be a charter without labels
  return isPart || partOfRole[block.role] === 'objective' || reading.document.text.length < 2 * short
    ? [block]
    : [
        reading.units,
        reading.of(block, codeIn),
        reading.of(block, givenAnywhere),
        ...parts.map((part) => reading.of(block, givenAs[part])),
        reading.of(block, kindsOf),
      ]
}
export default check

/** What sentences of a block are as an objective, in a row. */
const kindsOf = fact((block, reading: Reading): string =>
  reading
    .sentences(block)
    .filter(({ from, to }) => to - from > 2)
    .map((sentence) =>
      [
        ...['aim-of-occasion', 'describes-document', 'defines-how', 'says-whom-it-binds'].map(
          (guard) => reading.guarded(sentence, guard).length > 0,
        ),
        reading.found(sentence, 'about-document').length > 0,
      ].map(Number),
    )
    .join(),
)

/** The section under the document's title, which names what the whole is about and no part of it. */
function titleSection(sections: readonly Section[]): Section | undefined {
  const top = sections.filter(({ level }) => level === 1)
  return top.length === 1 && sections.find(({ level }) => level > 0) === top[0] ? top[0] : undefined
}

/** Whether the objective is that of a text or of an occasion, which is none. */
const isNone = (reading: Reading, objectives: readonly Sentence[], label: Block | undefined): boolean => {
  const [stated] = objectives
  const headings = label?.kind === 'heading' ? reading.sentences(label) : []
  return (
    [...headings, ...objectives].some((one) => reading.guarded(one, 'aim-of-occasion').length > 0) ||
    (stated !== undefined &&
      (reading.guarded(stated, 'describes-document').length > 0 || reading.found(stated, 'about-document').length > 0))
  )
}

/** Whether the objective says no more than what the text lays down, and for whom. */
const isWeak = (reading: Reading, objectives: readonly Sentence[]): boolean =>
  objectives.length > 0 &&
  objectives.every((one) =>
    ['defines-how', 'describes-document', 'says-whom-it-binds'].some((guard) => reading.guarded(one, guard).length > 0),
  )

/** Under a heading of examples. */
function isShown(section: Section | undefined): boolean {
  for (let one = section; one; one = one.parent) if (one.role === 'example') return true
  return false
}

/** The parts that a heading, a label or the first cell of a row announces. */
const labelsOf = fact((block, reading: Reading): readonly Part[] => {
  const ranges = labelRanges(block)
  const { tokens } = block
  if (!ranges.length || !tokens) return noParts
  const found = parts.filter((part) =>
    reading.sentences(block).some((sentence) =>
      reading.found(sentence, part).some((match) => {
        const from = tokens.start[match.from] as number
        const to = tokens.end[match.to - 1] as number
        return ranges.some((range) => from >= range.start && to <= range.end)
      }),
    ),
  )
  return found.length ? found : noParts
})
const noParts: readonly Part[] = []

/** Whether a part is announced or said, wherever that stands. */
const isAnywhere = (reading: Reading, part: Part): boolean =>
  reading.total(announces[part]) > 0 ||
  (part === 'objective' && reading.units.some((unit) => unit.kind === 'objective')) ||
  reading.total(says[part]) > 0

const announces = forEach((block, reading, part) => Number(reading.of(block, labelsOf).includes(part)))
const says = forEach((block, reading, part) => Number(reading.of(block, saidIn[part]) !== undefined))

/** Where the labels of a block stand: a heading, a bold beginning, the words before a colon, the first line. */
function labelRanges(block: Block): Array<{ start: number; end: number }> {
  const { prose, table } = block
  const whole = { start: 0, end: prose.length }
  if (block.kind === 'heading') return [whole]
  const isShort = (text: string): boolean => text.trim().split(/\s+/).length <= longestLabel
  if (table) return (table.column === 0 || table.row === 0) && isShort(prose) ? [whole] : []
  const ranges: Array<{ start: number; end: number }> = []
  const bold = block.marks.find((mark) => mark.kind === 'strong' && mark.start === 0)
  if (bold) ranges.push({ start: 0, end: bold.end })
  let at = 0
  for (const line of prose.split('\n')) {
    const label = /^.*?(?=:|\s[–—-]\s|\.\s|$)/.exec(line)?.[0] ?? ''
    // a line of its own is the title of an item or the term of a definition; a whole paragraph is none
    const isTitle = label.length === line.length && at === 0 && line.length < prose.length
    if (label && (isTitle || label.length < line.length)) ranges.push({ start: at, end: at + label.length })
    at += line.length + 1
  }
  return ranges.filter(({ start, end }) => isShort(prose.slice(start, end)))
}

/** Whether the running text says a part that no label announces. */
const isSaid = (reading: Reading, part: Part): boolean =>
  (part === 'objective' && reading.units.some((unit) => unit.kind === 'objective')) ||
  reading.document.blocks.some(
    (block) => block.kind !== 'heading' && !block.quoted && reading.of(block, saidIn[part]) !== undefined,
  )

/** The sentence of a block that says a part. */
const saidIn = forEach((block, reading, part) =>
  reading.sentences(block).find((sentence) => reading.found(sentence, `${part}-said`).length > 0),
)

/** To which part each block belongs: by its own label, its row's, or its heading's. */
function placesOf(
  blocks: readonly Block[],
  labels: ReadonlyMap<Block, readonly Part[]>,
  title: Section | undefined,
): (block: Block) => Part | undefined {
  const rows = new Map<string, Part>()
  for (const block of blocks) {
    const own = labels.get(block)?.[0]
    if (own && block.table && block.table.column === 0) rows.set(`${block.table.table} ${block.table.row}`, own)
  }
  return (block) => {
    if (block.kind === 'heading') return undefined
    if (block.table) {
      const row = rows.get(`${block.table.table} ${block.table.row}`)
      if (row) return row
    }
    const own = labels.get(block)?.[0] ?? partOfRole[block.role]
    if (own) return own
    for (let one: Section | undefined = block.section; one; one = one.parent) {
      const named = one.heading && one !== title ? labels.get(one.heading)?.[0] : undefined
      if (named) return named
    }
    return undefined
  }
}

/** The sentences that state the objective. */
function statementsOf(reading: Reading, partOf: (block: Block) => Part | undefined): Sentence[] {
  const stated = reading.document.blocks
    .filter((block) => !block.quoted && partOf(block) === 'objective')
    .flatMap((block) => reading.sentences(block))
    .filter(({ from, to }) => to - from > 2)
  if (stated.length) return stated
  const units = reading.units.filter(({ kind }) => kind === 'objective').flatMap(({ statements }) => statements)
  return units.length ? units : reading.document.blocks.flatMap((block) => reading.of(block, saidIn.objective) ?? [])
}

/** Whether a block says so somewhere, as part of what stands at its place. */
const isGivenIn = (reading: Reading, block: Block, place: Part | undefined): boolean =>
  reading.of(block, place ? givenAs[place] : givenAnywhere)

const givenAs = forEach((block, reading, part) =>
  reading.sentences(block).some((sentence) => gives(reading, sentence, part)),
)
const givenAnywhere = fact((block, reading: Reading): boolean =>
  reading.sentences(block).some((sentence) => gives(reading, sentence, undefined)),
)

/**
 * Whether a sentence says what somebody served gets, or names an outcome for people. Where boundaries
 * and duties are listed, naming people is not enough: "complaints from tenants" may be all that is covered.
 */
function gives(reading: Reading, sentence: Sentence, place: Part | undefined): boolean {
  const part =
    place ?? (['scope', 'lines'] as const).find((one) => reading.of(sentence.block, saidIn[one]) !== undefined)
  if (reading.guarded(sentence, 'says-whom-it-binds').length > 0) return false
  const named = ['named-only', 'counted-only'].flatMap((guard) => reading.guarded(sentence, guard))
  const holds = (name: string): boolean =>
    reading.found(sentence, name).some((match) => !named.some((one) => one.from <= match.from && one.to >= match.to))
  const people = reading
    .found(sentence, 'served')
    .filter((match) => isPerson(sentence, match) && !named.some((one) => one.from <= match.from && one.to >= match.to))
  const staff = reading.found(sentence, 'also-staff')
  const isPlain = (match: Match): boolean => !staff.some((one) => one.from <= match.from && one.to >= match.to)
  const isGiven = reading
    .found(sentence, 'gets')
    .some((match) => match.to - match.from > 0 && people.some((one) => one.from >= match.from && one.to <= match.to))
  if (isGiven && people.some((match) => isPlain(match) || part === 'objective' || part === undefined)) return true
  if (part === 'scope') return false
  if (part === 'lines') return reading.found(sentence, 'outcome').some(({ from, to }) => to - from > 1)
  return holds('outcome') || holds('staff-gets') || people.some(isPlain)
}

/** Whether a served party stands for people, and not as half of a compound ("the applicant database"). */
function isPerson({ block, from, to }: Sentence, match: Match): boolean {
  const { tokens, prose } = block
  if (!tokens) return false
  const word = (at: number): string => (at >= from && at < to ? prose.slice(tokens.start[at], tokens.end[at]) : '')
  const last = word(match.to - 1)
  const next = word(match.to)
  if (/^['’]s?$/.test(next)) return oneOf.test(word(match.from - 1))
  if (/s$/i.test(last) && !/ss$/i.test(last)) return true
  if (!/^\p{L}/u.test(next) || closed.test(next)) return true
  return oneOf.test(word(match.from - 1)) && /(?:s|ed)$/.test(next)
}

/** The finding at the heading or label of the objective, else at its first statement. */
function reportOf(
  reading: Reading,
  first: ReadonlyMap<Part, Block>,
  objectives: readonly Sentence[],
): Report | undefined {
  const block = first.get('objective') ?? objectives[0]?.block ?? first.get('scope')
  if (!block) return undefined
  const title = titleOf(reading.document.text, block)
  if (title !== undefined)
    return {
      block,
      start: 0,
      end: block.prose.length,
      rewrites: [
        `${title}\n\nWe do this so that [customers] can [outcome].`,
        `${title}\n\nThat way [customers] can [outcome].`,
      ],
    }
  const statement =
    objectives.findLast((one) => one.block === block) ??
    objectives.find((one) => isBeside(block, one.block)) ??
    objectives.find((one) => one.block.section === block.section)
  if (!statement?.block.tokens) return { block, start: 0, end: block.prose.length }
  const { tokens } = statement.block
  const bold = statement.block.marks.find((mark) => mark.kind === 'strong' && mark.start === 0)
  const from = Math.max(tokens.start[statement.from] as number, bold?.end ?? 0)
  const end = tokens.end[statement.to - 1] as number
  const start = from + (/^[\s:–—-]*/.exec(statement.block.prose.slice(from, end))?.[0].length ?? 0)
  const [, said, stop] = /^(.*?)([.;]?)$/s.exec(statement.block.prose.slice(start, end)) as unknown as [
    string,
    string,
    string,
  ]
  return {
    block: statement.block,
    start,
    end,
    rewrites: [`${said}, so that [customers] can [outcome]${stop}`, `${said}. [Customers] can then [outcome]${stop}`],
  }
}

/** Where the line ends, with its end, in which an offset lies. */
const endOfLine = (source: SourceText, from: number): number => {
  const newline = source.indexOf('\n', from)
  return newline < 0 ? source.length : newline + 1
}

/** The text of a heading of its own line, where a paragraph can be put below it. */
function titleOf(source: SourceText, block: Block): string | undefined {
  if (block.kind !== 'heading') return undefined
  const before = source.slice(source.lastIndexOf('\n', block.start - 1) + 1, block.start)
  const isAlone =
    /^ {0,3}#{1,6} +$/.test(before) && /^ *(?:\r?\n|$)/.test(source.slice(block.end, endOfLine(source, block.end)))
  return isAlone ? source.slice(block.start, block.end) : undefined
}

/** Whether a cell stands in the row that a first cell labels. */
const isBeside = (label: Block, other: Block): boolean =>
  label.table !== undefined &&
  other.table?.table === label.table.table &&
  other.table.row === label.table.row &&
  other !== label
