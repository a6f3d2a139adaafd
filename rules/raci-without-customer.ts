import {
  type Block,
  type CodeRule,
  type Fact,
  fact,
  type Match,
  type Reading,
  type Report,
  type Section,
} from '../engine/rule.ts'

/** One line of work in a matrix, with whoever answers for it. */
interface Activity {
  /** Where a finding about it stands: its name, or what stands for it. */
  block: Block
  start: number
  end: number
  name: string
  /** Everybody who is Accountable (in DACI the Approver, in RAPID whoever decides). */
  accountable: string[]
  /** What the finding's text becomes with an Accountable. */
  withAccountable: (party: string) => string
}

/** A matrix of who does what, however it is written. */
interface Matrix {
  /** Matrices of one signature are parts of one: the same roles, phase by phase. */
  signature: string
  section: Section
  scheme: Scheme
  activities: Activity[]
  /** Stretches of text that name whoever has a part. */
  parties: Party[]
  /** Cells that may say in words who is told: headers and notes. */
  notes: Block[]
  /** Where it is said that nobody served has a part, and how that could be mended. */
  anchor: Report
}

interface Party {
  block: Block
  start: number
  end: number
}

/** The parts that a kind of matrix knows: the letters, and which of them answers for the whole. */
interface Scheme {
  letters: string
  decides: string
  nobody: string
  several: string
  label: string
}

interface Grid {
  rows: Array<Array<Block | undefined>>
  width: number
  section: Section
}

const raci: Scheme = {
  letters: 'RACISVOQL',
  decides: 'A',
  nobody: 'has nobody Accountable',
  several: 'Accountable',
  label: 'Accountable',
}
const daci: Scheme = {
  letters: 'DACIRS',
  decides: 'A',
  nobody: 'has no Approver',
  several: 'Approvers',
  label: 'Approver',
}
const rapid: Scheme = {
  letters: 'RAPID',
  decides: 'D',
  nobody: 'has nobody to decide',
  several: 'who decide',
  label: 'Decides',
}

/** Names of matrices. RAPID only in capitals: the adjective is no matrix. */
const namesRaci = /\b(?:raci|rasci|rasic|racio|raciq|arci|cairo|racis|racivs|paris)\b/i
const namesDaci = /\b(?:daci|darci|draci)\b/i
const namesRapid = /\bRAPID\b/
const namesMatrix =
  /\b(?:responsibilit\w+|accountabilit\w+|role\w*)[\s\w]{0,24}\b(?:matrix|matrices|chart|grid|table)\b|\bwho does what\b|\b(?:decision|decision-making) (?:rights|roles)\b/i
/** The words a cell or header may have in place of its letter, by the letter they stand for. */
const wordOf: ReadonlyArray<[RegExp, string]> = [
  [/^accountab\w*$/, 'A'],
  [/^responsib\w*$/, 'R'],
  [/^consult\w*$/, 'C'],
  [/^contribut\w*$/, 'C'],
  [/^inform\w*$/, 'I'],
  [/^inputs?$/, 'I'],
  [/^support\w*$/, 'S'],
  [/^approv\w*$/, 'A'],
  [/^agree\w*$/, 'A'],
  [/^drive(?:r|rs|s)?$/, 'D'],
  [/^decid\w*$/, 'D'],
  [/^recommend\w*$/, 'R'],
  [/^perform\w*$/, 'P'],
  [/^verif\w*$/, 'V'],
  [/^omit\w*$/, 'O'],
]
const blank = /^(?:[\s\-–—.·/]*|n\/?a|none|nobody|no one|tb[acd]|\?+)$/i
/** What a legend says where the letters stand for something else: "A = annual leave". */
const meansAccountable =
  /^(?:accountab|approv|answer|agree|authori|own|sign|final|decid|decision|ultimate|the |one |person|is |has |hold|ensure|in charge|carr|take)/i
const meansResponsible = /^(?:respons|recommend|do|perform|carr|execut|work|deliver|the |person|is |make|lead|hands)/i
/** Words of an explanation: a legend says what Accountable means, not who is. */
const explains =
  /\b(?:who|whom|whose|persons?|those|does|do|doing|done|makes?|owns?|gives?|provides?|needs?|must|should|works?|tasks?|answers?|answerable|ultimately|kept|told|asked|signs?|approves?|decides?|performs?|carries|before|after|responsible|accountable|consulted|informed|opinions?|input|progress|means?)\b/i
const activityHeader =
  /^\W*(?:process |key |main |project |work )?(?:activit|task|step|process|deliverable|decision|stage|phase|milestone|work|action|what|gate|item|arte?fact|requirement|domain|area|dut|topic|control|event|output|project|product|service|document|meeting)/i
const roleHeader =
  /^\W*(?:roles?|who|part(?:y|ies)|functions?|teams?|persons?|people|positions?|stakeholders?|departments?|units?|groups?|actors?|job|post|members?|staff|organisations?|organizations?)\b/i
/** A title may hold a comma or "and"; several people are told by a word for a role at the end of each part. */
const roleNoun =
  /\b(?:(?:head|chair|director|dean|chief|vice president|vp|manager|secretary) (?:of|for) .+|(?:manager|lead|leader|director|officer|head|owner|chief|c[a-z]o|ciso|vp|president|chair|committee|board|council|team|desk|nurse|sister|matron|doctor|consultant|engineer|analyst|architect|coordinator|co-ordinator|controller|supervisor|sponsor|clerk|administrator|dean|registrar|principal|teacher|headteacher|bursar|surveyor|planner|editor|pm|partner|superintendent|secretary|treasurer|trustee)s?)$/i
/** What may follow a served party without making it an office: "patients' panel", "shoppers who bought it". */
const stillServed =
  /^(?:$|(?:['’]s?)?\s*(?:groups?|panels?|forum|union|representatives?|reps?|councils?|association|side|body|community|communities|organisations?|organizations?|and|or|who|whose|that|with|in|on|at|from|to|affected|concerned|waiting|involved|themselves|base|impacted)\b)/i
/** A client's own people stand for the client. */
const clientSide = /^(?:['’]s\b|\s+(?:pm|project manager|sponsor|side|it|executive|contact|stakeholders?|lead)\b)/i
const officeOf =
  /\b(?:head|director|vp|manager|lead|officer|dean|chief|adviser|advisor|champion|advocate|owner|team|department|desk|service|services|office|minister|commissioner|ombudsman|liaison|support) (?:of|for|to)\b/i
/** An Accountable written behind the name of the work: "Fit the kitchen (Accountable: asset manager)". */
const namedBehind = /\((?:accountable|approver|decides?):\s*[^)\s]/i
const forAll =
  /\b(?:accountable|approver|decides?)\b[^.]{0,30}\b(?:all|every|each|throughout|whole|everything|entire)\b|\b(?:all|every|each)\b[^.]{0,40}\b(?:is|are|rests?|lies?)\b[^.]{0,20}\baccountab/i
/** What parts the names in a label. */
const parted = /[,;/&()[\]]|\band\b/
/** How many words may stand between somebody and what they are told. */
const reach = 8
/** How many of a column's cells must be letters. */
const letterCells = 0.8
const numbers = ['no', 'one', 'two', 'three', 'four', 'five', 'six']

/** Matrices of who does what without anybody served, and lines of them without one who answers. */
const check: CodeRule = function* (reading) {
  const { blocks } = reading.document
  if (!blocks.some((block) => block.table || reading.of(block, saysAccountable))) return
  const matrices = [...gridsOf(blocks).flatMap((grid) => readGrid(reading, grid) ?? []), ...listsOf(reading)]
  const withServed = new Set(matrices.filter((one) => hasServed(reading, one)).map(({ signature }) => signature))
  const told = new Set<string>()
  for (const matrix of matrices) {
    const { signature } = matrix
    if (!withServed.has(signature) && !told.has(signature) && !isTemplate(matrix)) {
      told.add(signature)
      yield { ...matrix.anchor, words: { fault: 'This matrix names no served party' } }
    }
    yield* rowReports(reading, matrix)
  }
}
check.hangsOn = (reading, block) =>
  isBesideTable(reading, block) || reading.of(block, writtenIn).length > 0
    ? [block]
    : [saysAccountable, namesRaciIn, isTold, isForAll].map((one: Fact<unknown, Reading>) => reading.of(block, one))
export default check

/** Whether a block stands in a table or in one section with one. */
function isBesideTable({ document: { blocks } }: Reading, { index, section, table }: Block): boolean {
  if (table) return true
  for (const step of [-1, 1])
    for (let at = index + step; blocks[at]?.section === section; at += step) if (blocks[at]?.table) return true
  return false
}

const saysAccountable = fact(({ prose }): boolean => /accountable|approver/i.test(prose))
/** Whether a block says that one is accountable for all. */
const isForAll = fact(({ prose }): boolean => forAll.test(prose))
const namesRaciIn = fact(({ prose }): number => Number(namesRaci.test(prose)))

/** The lines of a matrix with no or several Accountable; one finding where no line has any. */
function* rowReports(reading: Reading, { activities, scheme, section }: Matrix): Iterable<Report> {
  const missing = activities.filter(({ accountable }) => accountable.length === 0)
  const isOneForAll = proseOf(reading, section).some((block) => reading.of(block, isForAll))
  const none = missing.length === activities.length && missing.length > 1
  for (const [index, activity] of activities.entries()) {
    const { block, start, end, name, accountable, withAccountable } = activity
    if (accountable.length === 1) continue
    if (accountable.length === 0) {
      if (isOneForAll || (none && index > 0)) continue
      const fault = none ? `Each line of this matrix ${scheme.nobody}` : `“${name}” ${scheme.nobody}`
      yield { block, start, end, words: { fault }, rewrites: none ? [] : [withAccountable('[role]')] }
      continue
    }
    const count = numbers[accountable.length] ?? `${accountable.length}`
    const fault = `“${name}” has ${count} ${scheme.several} (${accountable.join(', ')})`
    yield { block, start, end, words: { fault }, rewrites: accountable.slice(0, 3).map(withAccountable) }
  }
}

/** The tables of a document, as rows of cells. */
function gridsOf(blocks: readonly Block[]): Grid[] {
  const grids = new Map<number, Grid>()
  for (const block of blocks) {
    if (!block.table || block.quoted || isShown(block.section)) continue
    const { table, row, column } = block.table
    const grid = grids.get(table) ?? { rows: [], width: 0, section: block.section }
    grids.set(table, grid)
    const cells = grid.rows[row] ?? []
    grid.rows[row] = cells
    cells[column] = block
    grid.width = Math.max(grid.width, column + 1)
  }
  for (const grid of grids.values()) for (let row = 0; row < grid.rows.length; row++) grid.rows[row] ??= []
  return [...grids.values()].filter((grid) => grid.rows.length > 1)
}

function isShown(section: Section | undefined): boolean {
  for (let one = section; one; one = one.parent) if (one.role === 'example') return true
  return false
}

const titleOf = (section: Section | undefined): string => (section ? `${titleOf(section.parent)} ${section.title}` : '')

/** The running text that stands beside a table: its section, without other tables. */
const proseOf = (reading: Reading, section: Section): readonly Block[] => groundOf(reading).prose.get(section) ?? []

/** What is asked of a document again and again, gathered once. */
interface Ground {
  prose: ReadonlyMap<Section, Block[]>
  /** Whether a matrix is named anywhere in the document. */
  isNamed: boolean
}

const grounds = new WeakMap<Reading, Ground>()

function groundOf(reading: Reading): Ground {
  const known = grounds.get(reading)
  if (known) return known
  const prose = new Map<Section, Block[]>()
  for (const block of reading.document.blocks) {
    if (block.table) continue
    const own = prose.get(block.section)
    if (own) own.push(block)
    else prose.set(block.section, [block])
  }
  const ground = { prose, isNamed: reading.total(namesRaciIn) > 0 }
  grounds.set(reading, ground)
  return ground
}

const textOf = (cell: Block | undefined): string => (cell?.prose ?? '').replace(/\s+/g, ' ').trim()
const isBlank = (cell: Block | undefined): boolean => blank.test(textOf(cell))

/** Which matrix the words around a table announce. */
function schemeOf(reading: Reading, { rows, section }: Grid): { scheme: Scheme; named: boolean } {
  const near = [
    titleOf(section),
    ...(rows[0] ?? []).map(textOf),
    ...proseOf(reading, section).map(({ prose }) => prose),
  ].join('\n')
  if (namesRapid.test(near)) return { scheme: rapid, named: true }
  if (namesDaci.test(near)) return { scheme: daci, named: true }
  const named =
    namesRaci.test(near) ||
    namesMatrix.test(near) ||
    (/\bresponsible\b/i.test(near) && /\baccountable\b/i.test(near)) ||
    groundOf(reading).isNamed
  return { scheme: raci, named }
}

/**
 * The letters in a cell: "A/R", "**a**, c", "AR", "Accountable", "R (drafts)". Nothing where it is empty,
 * `undefined` where it says something else.
 */
function lettersOf(cell: Block | undefined, letters: string): string | undefined {
  const text = textOf(cell).replace(/[*†‡¹²³⁴⁵]+|\[\d+\]/g, '')
  if (blank.test(text)) return ''
  const bare = text.replace(/\(([A-Za-z])\)/g, ' $1 ').replace(/\([^)]*\)/g, ' ')
  let found = ''
  for (const part of bare.replace(/\s[–—-]\s.*$/, '').split(/[\s/,+&;.·\\-]+|\band\b/)) {
    if (!part) continue
    const word = wordOf.find(([pattern]) => pattern.test(part.toLowerCase()))
    if (word) found += word[1]
    else if (part.length === 1 && letters.includes(part.toUpperCase())) found += part.toUpperCase()
    else if (part.length < 4 && new Set(part).size === part.length && [...part].every((one) => letters.includes(one)))
      found += part
    else return undefined
  }
  return found || undefined
}

/** A table as a matrix: letters in its cells, or a column or row for each part. Read again only where that may differ. */
function readGrid(reading: Reading, grid: Grid): Matrix | undefined {
  const { rows, section } = grid
  const first = rows.flat().find((cell) => cell !== undefined)
  const kept = first && reading.of(first, keptGrid)
  const made = [titleOf(section), groundOf(reading).isNamed, section, ...proseOf(reading, section), ...rows.flat()]
  if (kept && made.length === kept.made.length && made.every((one, at) => one === kept.made[at])) return kept.matrix
  const { scheme, named } = schemeOf(reading, grid)
  const matrix = readParts(grid, scheme, named) ?? readLetters(reading, grid, scheme, named)
  if (kept) Object.assign(kept, { made, matrix })
  return matrix
}

/** What a table was made of and read as when it was read last. */
const keptGrid = fact((): { made: unknown[]; matrix: Matrix | undefined } => ({ made: [], matrix: undefined }))

/** Whether the letters are explained as something else near by. */
function meansOther(reading: Reading, section: Section, named: boolean): boolean {
  const meaningsOf = (letter: string): string[] =>
    proseOf(reading, section).flatMap(({ prose }) =>
      [
        ...prose.matchAll(
          new RegExp(
            `(?:^|[\\s,;:(.—–-])${letter}\\)?(?:\\s*(?:[=:–—-]|means|stands for|is for)\\s*|\\s+)(?=[a-z])([a-z][\\w -]*)`,
            'gi',
          ),
        ),
      ]
        .filter((found) => found[0].trim().startsWith(letter) || /^[\s,;:(.—–-]*[A-Z]/.test(found[0]))
        .map((found) => found[1] as string),
    )
  const isOther = (letter: string, expected: RegExp): boolean => {
    const meanings = meaningsOf(letter)
    return meanings.length > 0 && !meanings.some((meaning) => expected.test(meaning))
  }
  const a = isOther('A', meansAccountable)
  const r = isOther('R', meansResponsible)
  return named ? a && r : a || r
}

/** A table whose cells are letters: activities in rows and roles in columns, or the other way round. */
function readLetters(reading: Reading, grid: Grid, near: Scheme, named: boolean): Matrix | undefined {
  const { rows, width, section } = grid
  const header = rows[0] ?? []
  const body = rows.slice(1)
  const columns: number[] = []
  let full = 0
  let lettered = 0
  const all = new Set<string>()
  for (let column = 0; column < width; column++) {
    const cells = body.map((row) => row[column]).filter((cell) => !isBlank(cell))
    const read = cells.map((cell) => lettersOf(cell, near.letters)).filter((letters) => letters !== undefined)
    if (column === 0 || !cells.length || read.length < cells.length * letterCells || isBlank(header[column])) continue
    columns.push(column)
    full += cells.length
    lettered += read.length
    for (const letter of read.join('')) all.add(letter)
  }
  if (!columns.length || (columns.length < 2 && body.length < 3) || lettered < 3 || all.size < 2) return undefined
  if (!all.has('R') && !all.has('D')) return undefined
  if (!named && !(lettered === full && lettered > 5 && all.has('A') && (all.has('C') || all.has('I')))) return undefined
  if (meansOther(reading, section, named)) return undefined
  // D and P are RAPID's own where nothing else is said
  const scheme = near === raci && all.has('D') && all.has('P') ? rapid : near
  const first = columns[0] as number
  const labelOf = (row: Array<Block | undefined>): Block | undefined => {
    for (let column = first - 1; column >= 0; column--) if (/\p{L}/u.test(textOf(row[column]))) return row[column]
    return undefined
  }
  const used = body.filter((row) => columns.some((column) => lettersOf(row[column], scheme.letters)))
  // a legend, or a count of the letters
  if (used.filter((row) => lettersOf(labelOf(row), scheme.letters)).length > used.length / 2) return undefined
  const corner = labelOf(header)
  const notes = [...header, ...body.flatMap((row) => row.filter((_, column) => saysWhoIsTold(header[column])))].filter(
    (cell) => cell !== undefined,
  )
  const decides = (cell: Block | undefined): boolean =>
    lettersOf(cell, scheme.letters)?.includes(scheme.decides) === true
  /** CAIRO's O leaves somebody out, which is no part. */
  const hasPart = (cells: Array<Block | undefined>): boolean =>
    cells.some((cell) => /[^O]/.test(lettersOf(cell, scheme.letters) ?? ''))
  const signature = header.map(textOf).join('|')
  if (areRoles(reading, grid, columns, used.map(labelOf), corner)) {
    const activities = columns.flatMap((column) => {
      const cell = header[column]
      if (!cell) return []
      const accountable = used.filter((row) => decides(row[column])).map((row) => textOf(labelOf(row)))
      return [activityOf(cell, accountable, scheme)]
    })
    const labels = used
      .filter((row) => hasPart(columns.map((column) => row[column])))
      .map(labelOf)
      .filter((cell) => cell !== undefined)
    const anchor = labels[0]
    if (!anchor) return undefined
    const row = rowBefore(reading, anchor, columns, width)
    return {
      signature,
      section,
      scheme,
      activities,
      parties: labels.map(whole),
      notes,
      anchor: { ...whole(anchor), rewrites: [...(row ? [row] : []), `${textOf(anchor)} (keeps [customers] informed)`] },
    }
  }
  const activities = used.flatMap((row) => {
    const cell = labelOf(row)
    const accountable = columns.filter((column) => decides(row[column])).map((column) => textOf(header[column]))
    return cell ? [activityOf(cell, accountable, scheme)] : []
  })
  const parties = columns
    .filter((column) => hasPart(used.map((row) => row[column])))
    .map((column) => header[column])
    .filter((cell) => cell !== undefined)
  const anchor = corner ?? parties[0]
  if (!anchor || !activities.length) return undefined
  return {
    signature,
    section,
    scheme,
    activities,
    parties: parties.map(whole),
    notes,
    anchor: {
      ...whole(anchor),
      rewrites: corner
        ? [
            `${textOf(corner)} ([customers] are informed of each)`,
            `${textOf(corner)} ([role] keeps [customers] informed)`,
          ]
        : [`${textOf(anchor)} (keeps [customers] informed)`],
    },
  }
}

const saysWhoIsTold = (header: Block | undefined): boolean =>
  /inform|notif|told|tell|communicat|consult|notes?|comments?|remarks?/i.test(textOf(header))

const whole = (block: Block): Party => ({ block, start: 0, end: block.prose.length })

function activityOf(block: Block, accountable: string[], scheme: Scheme): Activity {
  const name = textOf(block)
  return {
    ...whole(block),
    name,
    accountable: namedBehind.test(name) ? [name] : accountable,
    withAccountable: (party) => `${name} (${scheme.label}: ${party})`,
  }
}

/** Whether the rows of a table of letters are the roles, and its columns the activities. */
function areRoles(
  reading: Reading,
  { rows }: Grid,
  columns: number[],
  labels: Array<Block | undefined>,
  corner: Block | undefined,
): boolean {
  const title = textOf(corner)
  if (activityHeader.test(title)) return false
  if (roleHeader.test(title)) return true
  const isRole = (cell: Block | undefined): boolean =>
    cell !== undefined &&
    (/^[A-Z&]{2,5}s?$/.test(textOf(cell)) ||
      roleNoun.test(textOf(cell)) ||
      reading.sentences(cell).some((sentence) => reading.found(sentence, 'role').some(({ to }) => to === sentence.to)))
  const share = (cells: Array<Block | undefined>): number =>
    cells.length ? cells.filter(isRole).length / cells.length : 0
  return share(labels) > share(columns.map((column) => rows[0]?.[column])) + 0.2
}

/** A row for the served party before the first row, where the source writes a row as a line of its own. */
function rowBefore(reading: Reading, anchor: Block, columns: number[], width: number): string | undefined {
  const { text: source } = reading.document
  const line = source.slice(source.lastIndexOf('\n', anchor.start - 1) + 1, anchor.start)
  if (!/^ {0,3}\| *$/.test(line) || anchor.table?.column !== 0) return undefined
  const cells = Array.from({ length: width - 1 }, (_, index) => (columns.includes(index + 1) ? 'I' : ''))
  return `[Customers] | ${cells.join(' | ')} |\n${line}${source.slice(anchor.start, anchor.end)}`
}

/** A table with a column, or a row, for each part: Responsible, Accountable, Consulted, Informed. */
function readParts(grid: Grid, scheme: Scheme, named: boolean): Matrix | undefined {
  const { rows, width } = grid
  const header = rows[0] ?? []
  const partOf = (cell: Block | undefined): string | undefined => {
    const letters = lettersOf(cell, scheme.letters)
    return letters && new Set(letters).size === 1 ? letters[0] : undefined
  }
  const across = new Map<string, number>()
  for (let column = 0; column < width; column++) {
    const part = partOf(header[column])
    if (part && !across.has(part)) across.set(part, column)
  }
  if (isComplete(across, scheme)) return readColumns(grid, across, schemeBy(header.map(textOf), scheme))
  const down = new Map<string, number>()
  for (const [row, cells] of rows.entries()) {
    const part = partOf(cells[0])
    if (!part) continue
    if (down.has(part)) return undefined
    down.set(part, row)
  }
  // a table of two columns under RACI is a legend more often than not
  if (!isComplete(down, scheme) || (!named && width < 3)) return undefined
  return readRows(
    grid,
    down,
    schemeBy(
      rows.map((row) => textOf(row[0])),
      scheme,
    ),
  )
}

/** Three parts at least, and among them who works and who is asked or told. */
const isComplete = (parts: ReadonlyMap<string, number>, scheme: Scheme): boolean =>
  parts.size > 2 &&
  (parts.has('R') || parts.has('D')) &&
  (parts.has(scheme.decides) || parts.has('D') || parts.has('I'))

/** Headers in words say themselves which matrix it is. */
function schemeBy(texts: string[], scheme: Scheme): Scheme {
  const text = texts.join(' ')
  if (/\bdecides?\b/i.test(text) && /\brecommend/i.test(text)) return rapid
  return /\bapprover/i.test(text) && /\bdriver/i.test(text) ? daci : scheme
}

function readColumns({ rows, section }: Grid, across: Map<string, number>, scheme: Scheme): Matrix | undefined {
  const header = rows[0] ?? []
  const body = rows.slice(1).filter((row) => [...across.values()].some((column) => !isBlank(row[column])))
  const first = Math.min(...across.values())
  const cells = body
    .flatMap((row) => [...across.values()].map((column) => row[column]))
    .filter((cell) => !isBlank(cell))
  // in a matrix of letters a column may be headed "Informed" too
  const lettered = cells.filter((cell) => lettersOf(cell, scheme.letters) || /^[x✓✔●☑]$/iu.test(textOf(cell)))
  if (!body.length || lettered.length > cells.length / 2 || isExplained(cells.map(textOf))) return undefined
  const labelOf = (row: Array<Block | undefined>): Block | undefined => {
    for (let column = first - 1; column >= 0; column--) if (/\p{L}/u.test(textOf(row[column]))) return row[column]
    return row.find((cell) => !isBlank(cell))
  }
  const decides = across.get(scheme.decides)
  const activities = body.flatMap((row) => {
    const cell = labelOf(row)
    return cell ? [activityOf(cell, partiesIn(decides === undefined ? '' : textOf(row[decides])), scheme)] : []
  })
  const informed = body.map((row) => row[across.get('I') ?? -1]).find((cell) => !isBlank(cell))
  const corner = labelOf(header)
  const anchor = informed ?? corner
  if (!anchor) return undefined
  return {
    signature: header.map(textOf).join('|'),
    section,
    scheme,
    activities,
    parties: cells.filter((cell) => cell !== undefined).map(whole),
    notes: [...header, ...body.flatMap((row) => row.filter((_, column) => saysWhoIsTold(header[column])))].filter(
      (cell) => cell !== undefined,
    ),
    anchor: { ...whole(anchor), rewrites: anchorRewrites(anchor, anchor === informed) },
  }
}

function readRows({ rows, width, section }: Grid, down: Map<string, number>, scheme: Scheme): Matrix | undefined {
  const rowOf = (part: string): Array<Block | undefined> => rows[down.get(part) ?? -1] ?? []
  const cells = [...down.values()].flatMap((row) => (rows[row] ?? []).slice(1)).filter((cell) => !isBlank(cell))
  const lettered = cells.filter((cell) => lettersOf(cell, scheme.letters))
  if (!cells.length || lettered.length > cells.length / 2 || isExplained(cells.map(textOf))) return undefined
  const activities: Activity[] = []
  for (let column = 1; column < width; column++) {
    if (![...down.values()].some((row) => !isBlank(rows[row]?.[column]))) continue
    const accountable = partiesIn(textOf(rowOf(scheme.decides)[column]))
    // one column of names is one piece of work, whose name stands elsewhere
    const cell = width > 2 ? rows[0]?.[column] : (rowOf(scheme.decides)[0] ?? rowOf('R')[0] ?? rows[0]?.[0])
    if (cell) activities.push(activityOf(cell, accountable, scheme))
  }
  const informed = rowOf('I')
    .slice(1)
    .find((cell) => !isBlank(cell))
  const anchor = informed ?? rows[0]?.find((cell) => !isBlank(cell))
  if (!anchor || !activities.length) return undefined
  return {
    signature: `${rows.map((row) => textOf(row[0])).join('|')} ${section.title}`,
    section,
    scheme,
    activities,
    parties: cells.filter((cell) => cell !== undefined).map(whole),
    notes: [],
    anchor: { ...whole(anchor), rewrites: anchorRewrites(anchor, anchor === informed) },
  }
}

const anchorRewrites = (anchor: Block, isInformed: boolean): string[] =>
  isInformed ? [`${textOf(anchor)}, [customers]`] : [`${textOf(anchor)} ([customers] are informed of each)`]

/** Whether these are explanations of the parts and no names. */
const isExplained = (texts: string[]): boolean =>
  texts.filter((text) => explains.test(text) || text.split(' ').length > 12).length >= texts.length / 2

/** The parties of an Accountable cell; one title is one party, whatever it holds. */
function partiesIn(text: string): string[] {
  if (blank.test(text)) return []
  const parts = text.split(/\s*(?:[,;+]|\band\b|&)\s*/).filter(Boolean)
  return parts.length > 1 && parts.every((part) => roleNoun.test(part)) ? parts : [text]
}

const partLabel =
  /(?:^|(?<=[\s;,.|(]))\**(responsible|accountable|approver|driver|consulted|contributors?|informed|support(?:ed|s|ing)?)\**(?: \([A-Z]\))?\**\s*(?:[:–—]|-\s)\**\s*/gi

/** A part written as "Accountable: the bursar", with its place in its block. */
interface Written extends Party {
  part: string
  /** Where its label begins. */
  from: number
}

/** Matrices written as text: "Responsible: …; Accountable: …; Informed: …", in one block or as a list. */
function listsOf(reading: Reading): Matrix[] {
  const groups = new Map<string, Written[]>()
  for (const block of reading.document.blocks) {
    if (block.table || block.quoted || block.kind === 'heading') continue
    const written = reading.of(block, writtenIn)
    if (!written.length || isShown(block.section)) continue
    const key =
      written.length > 2
        ? `block ${block.index}`
        : block.list
          ? `list ${block.list.list} ${block.list.depth}`
          : `section ${block.section.heading?.index ?? 0}`
    groups.set(key, [...(groups.get(key) ?? []), ...written])
  }
  const activities: Activity[] = []
  const parties: Party[] = []
  let scheme = raci
  for (const written of groups.values()) {
    const parts = new Map(written.map((one) => [one.part, one]))
    const texts = written.map(({ block, start, end }) => block.prose.slice(start, end))
    if (parts.size < 3 || parts.size < written.length || isExplained(texts)) continue
    const worker = parts.get('R') ?? parts.get('D')
    if (!worker || !(parts.has('C') || parts.has('I'))) continue
    if (parts.has('D')) scheme = daci
    const decides = parts.get('A')
    const { block, from, end } = worker
    const label = scheme.label
    const text = block.prose.slice(from, end)
    activities.push({
      block,
      start: from,
      end,
      name: text,
      accountable: decides ? partiesIn(decides.block.prose.slice(decides.start, decides.end)) : [],
      withAccountable: (party) => (decides ? text : `${text}; ${label}: ${party}`),
    })
    parties.push(...written)
  }
  const first = activities[0]
  if (!first) return []
  const informed = parties.find((one) => /inform/i.test(one.block.prose.slice((one as Written).from, one.start)))
  const anchor = informed ?? first
  const text = anchor.block.prose.slice(anchor.start, anchor.end)
  return [
    {
      signature: 'list',
      section: first.block.section,
      scheme,
      activities,
      parties,
      notes: [],
      anchor: {
        block: anchor.block,
        start: anchor.start,
        end: anchor.end,
        rewrites: [informed ? `${text}, [customers]` : `${text}; Informed: [customers]`],
      },
    },
  ]
}

/** The parts that a block names, with the text behind each label. */
const writtenIn = fact((block): readonly Written[] => {
  const labels = [...block.prose.matchAll(partLabel)]
  return labels.flatMap((label, index) => {
    const start = label.index + label[0].length
    const rest = block.prose.slice(start, labels[index + 1]?.index ?? block.prose.length)
    const text = rest
      .trimEnd()
      .replace(/[,|]$/, '')
      .replace(/[;.\n].*$/s, '')
      .trimEnd()
    const part = wordOf.find(([pattern]) => pattern.test((label[1] as string).toLowerCase()))?.[1] ?? ''
    return blank.test(text) ? [] : [{ block, from: label.index, start, end: start + text.length, part }]
  })
})

/** A form to be filled in: its roles are placeholders. */
const isTemplate = ({ parties }: Matrix): boolean =>
  parties.filter(({ block, start }) => /^[[<{]/.test(block.prose.slice(start))).length > parties.length / 2

/** Whether anybody served has a part, or the words beside the matrix say that they are told. */
const hasServed = (reading: Reading, { parties, notes, section }: Matrix): boolean =>
  parties.some((party) => servedIn(reading, party).length > 0) ||
  [...notes, ...proseOf(reading, section)].some((block) => reading.of(block, isTold))

/** Whether a block says that somebody served is told or asked, both within a few words. */
const isTold = fact((block, reading: Reading): boolean =>
  reading.sentences(block).some((sentence) => {
    const names = [...reading.found(sentence, 'not-served'), ...reading.guarded(sentence, 'named-only')]
    const served = reading
      .found(sentence, 'served')
      .filter((match) => !names.some((name) => name.from <= match.from && name.to >= match.to))
    return reading
      .found(sentence, 'told')
      .some((told) => served.some(({ from, to }) => told.from - to < reach && from - told.to < reach))
  }),
)

/** Where a text names somebody served, and no office that has them in its name ("Customer Care"). */
function servedIn(reading: Reading, { block, start, end }: Party): Match[] {
  const { tokens, prose } = block
  if (!tokens) return []
  return reading.sentences(block).flatMap((sentence) => {
    const other = reading.found(sentence, 'not-served')
    return reading.found(sentence, 'served').filter((match) => {
      const from = tokens.start[match.from] as number
      const to = tokens.end[match.to - 1] as number
      if (from < start || to > end || other.some((one) => one.from <= match.from && one.to >= match.to)) return false
      const before = prose.slice(start, from).split(parted).at(-1) ?? ''
      const behind = (prose.slice(to, end).split(parted)[0] as string).trimEnd()
      const isClient = /^(?:clients?|customers?)$/i.test(prose.slice(from, to))
      return !officeOf.test(before) && (stillServed.test(behind) || (isClient && clientSide.test(behind)))
    })
  })
}
