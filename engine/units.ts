import { type Block, type Document, fact, factOf, type Role, type Section } from './block.ts'
import type { Catalogue } from './catalogue.ts'
import { headingRole, labelOf, namedRole, roleOf, tokensOf } from './roles.ts'
import type { Sentence, Unit } from './rule.ts'

const isObjective = (role: Role): boolean => role === 'purpose' || role === 'objective'
const isShown = (role: Role): boolean => role === 'example' || role === 'glossary'

/** Columns whose rows have an objective: a "Purpose" beside anything else says what a file or field is for. */
const bearers =
  /^(?:\W*(?:team|unit|department|division|function|role|policy|policies|process|procedure|committee|board|group|programme|program|project|initiative|workstream|directorate|office|forum|post)s?\b(?!.*\b(?:system|tool|software)))/i
/** Words that make a heading the title of objectives which each stand alone. */
const okr = /\bokrs?\b|\bobjectives? (?:and|&) key\b/i
/** "O2. Releases nobody notices", "Strategic goal 3: …": the heading itself states the objective. */
const headingLabel =
  /^\W*(?:(?:[\w-]+ )?(?:objective|goal|aim|mission|vision|purpose|okr)s?(?: ?#?\d+(?:\.\d+)*)?|o ?\d+(?:\.\d+)*)\s*(?:[:.–—]|-\s)\s*(?=\S)/i

/** Headings of a persona, beside which "Goals" are those of a made-up person. */
const persona =
  /^\W*(?:frustrations?|pain ?points?|pains|motivations?|fears|needs|behaviou?rs?|personality|bio(?:graphy)?|demographics)\W*$/i

/** The longest sentence that is a label in front of its text: a number, a word or two and the stop. */
const longestInlineLabel = 5

/** How a unit finder reads a document. */
export interface UnitReader {
  document: Document
  catalogue: Catalogue
  sentences(block: Block): readonly Sentence[]
  /** The sentences of a block that by themselves are units of the kind, each with the ids of the rules whose phrases say so. */
  openers(block: Block, kind: Unit['kind']): readonly Opener[]
}

export interface Opener {
  sentence: Sentence
  /** Among those of its block. */
  position: number
  rules: readonly string[]
}

/** Whether a block may make a unit of its own or have others looked at otherwise, wherever it stands. */
export const makesUnit = (block: Block, reader: UnitReader): boolean =>
  factOf(block, isPersona, undefined) ||
  factOf(block, findSaid, reader) !== undefined ||
  reader.openers(block, 'objective').length + reader.openers(block, 'measure').length > 0

/** The units of a document that rules judge as wholes. */
export const findUnits = (reader: UnitReader): Unit[] => [...findObjectives(reader), ...findMeasures(reader)]

/**
 * The objective units of a document: a section or plain list under such a heading, the text behind
 * such a label, a table row in such a column, each objective of an OKR list, and elsewhere a sentence
 * that states one (with the sentence or list after it).
 */
function findObjectives(reader: UnitReader): Unit[] {
  const { document, catalogue, sentences, openers } = reader
  const units: Unit[] = []
  const seen = new Set<Block>()
  const { blocks } = document
  const unit = (statements: readonly Sentence[], opener?: string): void => {
    // "Mission: incident!" is a value, no statement
    if (statements.some(({ from, to }) => to - from > 2) || statements.length > 1)
      units.push({ kind: 'objective', statements: [...statements], context: [], opener })
  }
  const statementsOf = (block: Block): readonly Sentence[] => factOf(block, findStatements, reader)
  const ownerOf = bySection((section) => findOwner(section, catalogue))
  /** How many headings of a persona stand in each section. */
  const personal = new Map<Section, number>()
  for (const block of blocks) {
    if (!factOf(block, isPersona, undefined)) continue
    const home = block.kind === 'heading' ? block.section.parent : block.section
    if (home) personal.set(home, (personal.get(home) ?? 0) + 1)
  }
  // one of them alone may stand in any plan
  const isPersonal = (section: Section): boolean =>
    [section, section.parent].some((one) => one !== undefined && (personal.get(one) ?? 0) > 1)
  const isLeftOut = bySection((section) => isWithinShown(section) || isPersonal(section))
  const labelRole = (block: Block): Role => labelOf(block, catalogue).role
  // a bold line or a lead-in hands its role down to what follows it
  const belongs = (block: Block): boolean =>
    isObjective(block.role) && (block.role !== block.section.role || ownerOf(block.section) !== undefined)

  /** The cells of each row of each table; few documents have a table of objectives. */
  let rows: Map<string, Block[]> | undefined
  for (const [index, block] of blocks.entries()) {
    if (seen.has(block) || isShown(block.role) || isLeftOut(block.section)) continue
    if (block.table) {
      if (block.table.row === 0 || !isObjective(block.role)) continue
      rows ??= rowsOf(blocks)
      const { table, row } = block.table
      const headers = rows.get(`${table} 0`) ?? []
      const header = headers.find((cell) => cell.table?.column === block.table?.column)
      const role = header ? namedRole(header, catalogue) : 'none'
      if (
        !isObjective(role) ||
        (role === 'purpose' &&
          !/mission|vision/i.test(header?.prose ?? '') &&
          !headers.some((cell) => bearers.test(cell.prose)))
      )
        continue
      const rest = (rows.get(`${table} ${row}`) ?? []).filter((cell) => cell !== block)
      for (const cell of rest) seen.add(cell)
      unit([block, ...rest].flatMap((cell) => sentences(cell)))
      continue
    }
    if (block.kind === 'heading' ? !isObjective(headingRole(block.section, catalogue)) : !belongs(block)) {
      if (block.kind === 'heading') continue
      const said = factOf(block, findSaid, reader)
      if (said) {
        unit(said)
        continue
      }
      // what is quoted is somebody else's
      if (block.quoted) continue
      const found = openers(block, 'objective')
      if (!found.length) continue
      const opened = new Set<string>()
      for (const { sentence, position, rules } of found) {
        for (const rule of rules) {
          if (opened.has(rule) || isBeside(sentence, sentence.from)) continue
          opened.add(rule)
          unit([sentence, ...following(blocks, index, sentences(block).slice(position + 1), sentences)], rule)
        }
      }
      continue
    }
    // a run of blocks that share what made them an objective
    const owner = block.role === block.section.role ? ownerOf(block.section) : undefined
    const run = [block]
    /** Whether its own label made it an objective, beside items with labels of other kinds. */
    const isOwn = block.kind !== 'heading' && isObjective(labelRole(block))
    for (let at = index + 1; at < blocks.length; at++) {
      const other = blocks[at] as Block
      // a statement and the list of goals that it leads in to are one
      const isLedIn = isObjective(other.role) && other.list?.lead !== undefined && run.includes(other.list.lead)
      // "Actions for carers: …" is one of the goals of a list, whatever its label names
      const isInList = other.list !== undefined && other.list.list === run.at(-1)?.list?.list && !isOwn
      if (other.role !== block.role && !isLedIn && !isInList) break
      if (other.section !== block.section) {
        if (!owner || ownerOf(other.section) !== owner) break
      } else if (other.kind === 'heading') break
      if (other.table) continue
      const label = labelRole(other)
      if (isObjective(label) && !isKeyResult(other)) break
      run.push(other)
    }
    for (const one of run) seen.add(one)
    const items = run.filter((one) => one.list?.depth === 0)
    const isStated = run.some(
      (one) =>
        !one.list &&
        one.kind !== 'heading' &&
        isObjective(labelRole(one)) &&
        contentStart(one, catalogue) < tokensOf(one, catalogue).ids.length,
    )
    const alone =
      items.length > 1 &&
      !isStated &&
      !headingLabel.test(block.section.title) &&
      okr.test(titles(block.section)) &&
      !items.some(isKeyResult)
    if (alone) {
      for (const item of items) {
        const own = run.slice(run.indexOf(item))
        const end = own.findIndex((one, position) => position > 0 && one.list?.depth === 0)
        unit(own.slice(0, end < 0 ? undefined : end).flatMap(statementsOf))
      }
    } else unit(run.flatMap(statementsOf))
  }
  return units
}

/** Whether a block is a heading such as that of a persona has. */
const isPersona = fact(({ prose }) => persona.test(prose))

/** What a block says behind its label. */
const findStatements = fact((block, { catalogue, sentences }: UnitReader): readonly Sentence[] => {
  const from = contentStart(block, catalogue)
  return sentences(block).flatMap((sentence) => {
    const start = Math.max(sentence.from, from)
    return start >= sentence.to || isBeside(sentence, start)
      ? []
      : [start === sentence.from ? sentence : behind(sentence, start)]
  })
})

/** What stands behind a sentence that is but the label of an objective: "1.1 Purpose. To lay down …" */
const findSaid = fact((block, { catalogue, sentences }: UnitReader): readonly Sentence[] | undefined => {
  const [first, ...said] = sentences(block)
  return first &&
    said.length &&
    first.to - first.from <= longestInlineLabel &&
    isObjective(roleOf(block, first.to, catalogue))
    ? said.filter((sentence) => !isBeside(sentence, sentence.from))
    : undefined
})

/** What a block says of measures: "What we count:" is a label, no question. */
const findMeasured = fact((block, { catalogue, sentences }: UnitReader): readonly Sentence[] => {
  const from = contentStart(block, catalogue)
  return sentences(block).filter((sentence) => !isBeside(sentence, Math.max(sentence.from, from)))
})

function rowsOf(blocks: readonly Block[]): Map<string, Block[]> {
  const rows = new Map<string, Block[]>()
  for (const block of blocks) {
    if (!block.table) continue
    const key = `${block.table.table} ${block.table.row}`
    const row = rows.get(key)
    if (row) row.push(block)
    else rows.set(key, [block])
  }
  return rows
}

/** An answer for each section, found once; blocks come section by section. */
function bySection<T>(answer: (section: Section) => T): (section: Section) => T {
  const known = new Map<Section, T>()
  let last: Section | undefined
  let current: T
  return (section) => {
    if (section === last) return current
    if (known.has(section)) current = known.get(section) as T
    else {
      current = answer(section)
      known.set(section, current)
    }
    last = section
    return current
  }
}

/** What a measure unit is made of, while it is being read. */
interface Draft {
  section: Section
  blocks: Block[]
  /** A section holds all that belongs to it; beside a table or list stand the paragraphs around it. */
  whole: boolean
}

/**
 * The measure units of a document: a section under such a heading with all below it, a table with such
 * a column, a list or text behind such a label, and elsewhere a sentence that states measures (with the
 * list that it leads in to).
 */
function findMeasures(reader: UnitReader): Unit[] {
  const { document, catalogue, sentences, openers } = reader
  const { blocks } = document
  const units: Unit[] = []
  const drafts = new Map<unknown, Draft>()
  const ownerOf = bySection((section) => measureOwner(section, catalogue))
  const isLeftOut = bySection(isWithinShown)
  const tables = new Set<number>()
  for (const block of blocks)
    if (block.table?.row === 0 && namedRole(block, catalogue) === 'measure') tables.add(block.table.table)
  const add = (key: unknown, block: Block, owner?: Section): void => {
    const draft = drafts.get(key)
    if (draft) draft.blocks.push(block)
    else drafts.set(key, { section: owner ?? block.section, blocks: [block], whole: owner !== undefined })
  }
  /** Below a section of measures, those of each role or year that has a heading of its own are a set of their own. */
  const ownSet = (section: Section, owner: Section): Section => {
    for (let one: Section | undefined = section; one && one !== owner; one = one.parent)
      if (one.parent === owner && headingRole(one, catalogue) === 'measure') return one
    return owner
  }
  /** What the block before belongs to, if only its label or lead-in made it a measure. */
  let run: Block | undefined
  for (const block of blocks) {
    const before = run
    run = undefined
    if (isShown(block.role) || isLeftOut(block.section)) continue
    const owner = ownerOf(block.section)
    if (owner) {
      if (block !== owner.heading) add(ownSet(block.section, owner), block, owner)
    } else if (block.kind === 'heading') continue
    else if (block.table) {
      if (tables.has(block.table.table)) add(block.table.table, block)
    } else if (block.role === 'measure') {
      const joins = before?.section === block.section && labelOf(block, catalogue).role !== 'measure'
      run = joins ? before : block
      add(run, block)
    } else {
      const found = openers(block, 'measure')
      if (!found.length) continue
      const own = new Map<string, Sentence[]>()
      for (const { sentence, rules } of found) {
        if (isBeside(sentence, sentence.from)) continue
        for (const rule of rules) own.set(rule, [...(own.get(rule) ?? []), sentence])
      }
      for (const [opener, stating] of own) {
        const list = stating.at(-1) === sentences(block).at(-1) ? ledIn(blocks, block) : []
        const beside = [block, ...around(blocks, [block, ...list])].flatMap((one) => [...sentences(one)])
        units.push({
          kind: 'measure',
          statements: [...stating, ...list.flatMap((item) => [...sentences(item)])],
          context: beside.filter((sentence) => !stating.includes(sentence)),
          opener,
        })
      }
    }
  }
  // what stands above such sets says no more than they do
  for (const [key, above] of drafts) {
    const below = [...drafts.values()].find((one) => above.whole && one !== above && one.section === above.section)
    if (key !== above.section || !below) continue
    below.blocks.push(...above.blocks)
    drafts.delete(key)
  }
  // sections beside each other are read as one set: what one of them measures, the other need not
  const sets = new Map<Section | undefined, Draft[]>()
  for (const draft of drafts.values()) {
    const key = draft.section.parent
    sets.set(key, [...(sets.get(key) ?? []), draft])
  }
  for (const set of sets.values()) {
    const beside = set.flatMap(({ blocks: own, whole }) => (whole ? own : [...own, ...around(blocks, own)]))
    const context = [...new Set(beside)].flatMap((block) => [...sentences(block)])
    for (const draft of set) {
      const stating = draft.blocks.filter((block) => block.kind !== 'heading' && block.table?.row !== 0)
      // a list says what is measured, the text around it why
      const isListed = (block: Block): boolean => block.list !== undefined || block.table !== undefined
      const statements = [...stating.filter(isListed), ...stating.filter((block) => !isListed(block))].flatMap(
        (block) => factOf(block, findMeasured, reader),
      )
      if (statements.length) units.push({ kind: 'measure', statements, context })
    }
  }
  return units
}

/** The outermost section whose heading makes this one a section of measures. */
function measureOwner(section: Section, catalogue: Catalogue): Section | undefined {
  let owner: Section | undefined
  for (let one: Section | undefined = section; one; one = one.parent) {
    const role = headingRole(one, catalogue)
    if (role === 'measure') owner = one
    else if (role !== 'none') break
  }
  return owner
}

/** The items that a block leads in to. */
function ledIn(blocks: readonly Block[], lead: Block): Block[] {
  const first = blocks[lead.index + 1]?.list
  if (first?.lead !== lead) return []
  const end = blocks.findIndex((block, index) => index > lead.index && (!block.list || block.section !== lead.section))
  return blocks.slice(lead.index + 1, end < 0 ? undefined : end)
}

/** The paragraphs of the same section right before and right after some blocks. */
function around(blocks: readonly Block[], some: readonly Block[]): Block[] {
  const [first, last] = [some[0] as Block, some.at(-1) as Block]
  return [blocks[first.index - 1], blocks[last.index + 1]].filter(
    (block): block is Block =>
      block !== undefined && block.section === first.section && block.kind !== 'heading' && !block.table,
  )
}

/** A template's question or instruction states nothing; a sentence about code states it of software. */
function isBeside({ block, to }: Sentence, from: number): boolean {
  const { tokens, prose, marks } = block
  if (!tokens) return false
  const start = tokens.start[from] as number
  const end = tokens.end[to - 1] as number
  const text = prose.slice(start, end)
  if (/\?["”’')]*$/.test(text) || /^(?:what|which|how|why|who|where|when|describe|explain|insert|enter)\b/i.test(text))
    return true
  return marks.some((mark) => mark.kind === 'code' && mark.start >= start && mark.start <= end)
}

/** A sentence behind its label; its phrases stay unmatched until somebody asks. */
const behind = (sentence: Sentence, from: number): Sentence => ({
  block: sentence.block,
  from,
  to: sentence.to,
  matches: (family) => sentence.matches(family),
})

const isKeyResult = (block: Block): boolean => /^\W*(?:kr|key results?)\b[\s\d.#]*/i.test(block.prose)

const titles = (section: Section): string =>
  section.parent ? `${titles(section.parent)} | ${section.title}` : section.title

/** Under a heading of examples, of terms or of a piece of code. */
function isWithinShown(section: Section | undefined): boolean {
  for (let one = section; one; one = one.parent)
    if (isShown(one.role) || one.heading?.marks.some((mark) => mark.kind === 'code')) return true
  return false
}

/**
 * The section whose heading made this one an objective. A document's title does so for its opening
 * only: what stands under further headings is the document.
 */
function findOwner(section: Section, catalogue: Catalogue): Section | undefined {
  for (let one: Section | undefined = section; one; one = one.parent) {
    if (isObjective(headingRole(one, catalogue))) return one === section || one.level > 1 ? one : undefined
    if (headingRole(one, catalogue) !== 'none') return undefined
  }
  return undefined
}

/** The token behind a block's label; a heading states something only behind one. */
const contentStart = (block: Block, catalogue: Catalogue): number => factOf(block, findContentStart, catalogue)

const findContentStart = fact((block, catalogue: Catalogue): number => {
  const tokens = tokensOf(block, catalogue)
  if (block.kind !== 'heading') {
    // "To make sure that nobody pays twice: once here …" has a colon and no label
    const { end, role } = labelOf(block, catalogue)
    const isLabel =
      block.marks.some((mark) => mark.kind === 'strong' && mark.start === 0) || role !== 'none' || isKeyResult(block)
    return isLabel ? end : 0
  }
  const label = headingLabel.exec(block.prose)
  if (!label) return tokens.ids.length
  const at = tokens.start.findIndex((start) => start >= label[0].length)
  return at < 0 ? tokens.ids.length : at
})

/** What a reader takes together with a sentence: the next one, or the whole list that it leads in to. */
function following(
  blocks: readonly Block[],
  index: number,
  rest: readonly Sentence[],
  sentences: (block: Block) => readonly Sentence[],
): Sentence[] {
  if (rest.length) return rest.slice(0, 1)
  const here = blocks[index] as Block
  const next = blocks[index + 1]
  if (!next || next.section !== here.section || next.kind === 'heading' || next.kind === 'cell') return []
  if (next.list?.lead !== here) return sentences(next).slice(0, 1)
  const list: Sentence[] = []
  for (let at = index + 1; at < blocks.length; at++) {
    const item = blocks[at] as Block
    if (!item.list || item.section !== here.section) break
    list.push(...sentences(item))
  }
  return list
}
