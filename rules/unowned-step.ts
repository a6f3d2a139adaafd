import {
  type Block,
  type Chapter,
  type CodeRule,
  fact,
  type Match,
  type Reading,
  type Report,
  type Sentence,
  type SourceText,
} from '../engine/rule.ts'

/**
 * What makes a block a step: a number or a table of steps; a bullet under the heading of a procedure
 * or beside instructions; or a bullet anywhere, which is a step only where it says "must".
 */
type Ground = 'numbered' | 'procedure' | 'plain'

const stepHeader = /\b(?:steps?|activit(?:y|ies)|actions?|tasks?|what happens)\b/i
const whatHeader = /\b(?:what|to do|instructions?|procedure|description)\b/i
const whoHeader =
  /\b(?:who|whom|by|owners?|leads?|responsib\w*|accountable|roles?|actors?|departments?|teams?|assignees?|assigned|function|person|people|party|performed|approver|doer|unit|desk|group|contact|r)\b/i
const byWhen = /\bby (?:when|what (?:date|time)|date)\b/i
const nobody = /^(?:[-–—?/.\s]*|n\/?a|tb[acd]|none|todo)$/i
const words = (list: string): Set<string> => new Set(list.split(/\s+/))
const subordinators = words(
  'if when whenever which who whom whose that unless until till because while whereas although though where wherever whether since as so how what why once before after than whatever whichever',
)
/** What begins a clause without being part of its subject: "After seven days the order" is no order. */
const openers = words(
  'in on at after before during within for from by once when if then next finally first secondly lastly also otherwise following upon with without to as and or but so please note there here it always only not every',
)
/** Verbs whose complement tells what shall be true, not what somebody does: "confirm patches are installed". */
const reporting = words(
  'ensure ensures ensuring confirm confirms confirming verify verifies verifying check checks checking make making define defines assume assumes means mean indicate indicates show shows say says state states know see think wait means until',
)
const adverbs = words('then also always next first again still both either all immediately promptly')
const pronouns = words('we i he she')
const objects: Record<string, string> = {
  they: 'them',
  he: 'him',
  she: 'her',
  it: 'it',
  you: 'you',
  these: 'these',
  this: 'this',
  those: 'those',
}
/** Verbs that give somebody something: "are given by [role] feedback" is no English. */
const giving = words('give send offer show tell pay grant award ask issue hand allocate assign charge teach lend quote')
const tells = /^(?:notified|informed|contacted|told|called|phoned|rung|emailed|advised|sent|given|updated)$/
const asks =
  /^(?:asked|advised|requested|reminded|invited|instructed|told|trained|used|set|made|taken|left|required|allowed|authori[sz]ed)$/
/** What things are made or used for is said of them; whom to ask or train is somebody's duty. */
const served = /^(?:used|set|made|taken|required|allowed|authori[sz]ed)$/
/** Verbs of a subordinate clause that needs no comma: "When the issue is done it should be closed". */
const finite =
  /^(?:is|are|was|were|be|been|has|have|had|does|do|did|can|could|may|might|will|would|expires?|ends?|leaves?|arrives?|fails?|occurs?|happens?|changes?|begins?|starts?|comes?|goes|passes|exists?|applies|returns?|agrees?|accepts?)$/
const stating =
  /\b(?:is|are|was|were|be|has|have|had|does|do|did|can|could|may|might|will|would|must|shall|should|needs?|lets?|runs?|holds?|shows?)\b/i
const standsFor = /^(?:is|are|was|has|have|needs?|will|must|should|can|may|does|means|refers)\b/i
const conditional = /^(?:if|when|whenever|once|after|before|until|where|as|unless|while|since)$/
const preposition =
  /^(?:of|in|on|at|to|for|from|by|with|within|into|onto|under|over|about|against|between|during|through|via|per|as|than|and|or|not|no|is|are|was|were|be|been|has|have|had|being|that|which)$/
/** What will be done by people, where a system might as well do the rest: "will be sent". */
const promised =
  /^(?:published|announced|notified|informed|contacted|told|reviewed|delivered|communicated|discussed|decided|approved|reimbursed|interviewed|invited|given|offered|paid|arranged|made|investigated|assessed|evaluated|examined|inspected)$/
/** What is given without anybody giving it. */
const weight =
  /\b(?:time|priority|preference|precedence|consideration|attention|thought|weight|space|room|opportunit(?:y|ies)|chance|access|importance|emphasis)\b/i
/** What somebody makes by an act: "a referral must be made", not "backups must be made". */
const isTaken =
  /^(?:photographs?|photos?|pictures?|x-rays?|rays?|copy|copies|fingerprints?|minutes|notes?|readings?|samples?|deposits?|statements?|decisions?)$/
/** Done to a thing, with what or where stands behind it; a letter or a consent is got from somebody. */
const placed =
  /^(?:tested|measured|monitored|tracked|printed|typed|scanned|calculated|counted|filed|archived|recorded|logged|registered|documented|noted|performed|produced|compiled|created|executed|repaired|fixed|replaced|restored|preserved|destroyed|closed|opened|set|sent|mailed|posted|shipped|dispatched|delivered|published|authori[sz]ed|validated|verified)(?: up)?$/
/** Behind these "to be done" is no duty, or one that stands elsewhere. */
const isAdjunct =
  /^(?:order|as|ready|able|want|wants|wish|expect|expected|due|supposed|going|likely|used|able|not|only|have|has|had|need|needs|ought|is|are|was|were|be|been)$/
const clicks = /^(?:\S+ ){0,4}?(?:click|press|tap|tick)\b/i
const bracketed = /^\((?!optional|if |where |when |e\.g|at |in |on |by |see |\w\))\p{L}[\p{L} ]{1,30}\)\s/iu
const ofWhom =
  /\b(?:duties|responsibilities|obligations|tasks|work) of (?!care\b)|['’]s? (?:duties|responsibilities|obligations|tasks)\b|\byour (?:duties|responsibilities|obligations)\b/i
const toRole =
  /^(?:\S+ ){1,3}(?:about|against|from|with|concerning|regarding|between) |^(?:changing|choosing|appointing|hiring|finding|contacting|meeting|becoming|replacing|recruiting|informing|telling|electing|selecting|leaving|\p{L}+ing (?:an?|the|your|our|to|with)) /iu
const isHeld =
  /^(?:debrief|meeting|review|interview|hearing|call|session|consultation|workshop|drill|retrospective|retro|handover)s?$/
const isMade =
  /^(?:accommodation|arrangement|adjustment|referral|decision|payment|appointment|assessment|offer|announcement|attempt|request|provision|recommendation|visit|call|contact|application|booking|reservation|refund|apology|enquiry|inquiry|report|notification|check|exception)s?$/
const negative = /^(?:not|never|no|hardly|only|automatically|already|now)$/
const afterGiving = words(
  'to by in on at for from with within and or before after when if until as once out off over up back down through then each only via using during because unless where while that daily weekly monthly yearly immediately promptly together early late again first next under into per not so',
)
const determiners = words(
  'the a an any all each every both this these those its their our your his her some other another no new most such where',
)
/** More code than this makes a document the manual of a system, whose passives are the system's doing. */
const technical = 6

/** Steps of a procedure that say what is done and not who does it: one finding a step. */
const check: CodeRule = function* (reading) {
  const { blocks } = reading.document
  const code = reading.total(codeProperIn) + reading.fences
  if (code > technical && code > blocks.length / 10) return
  const isLaw = isStatute(blocks)
  // there are thousands of them, and after a letter all but one are as they were
  const { chapters } = reading
  for (let at = 0; at < chapters.length; at++) {
    const chapter = chapters[at] as Chapter
    let known = kept.get(chapter)
    if (
      known?.isLaw !== isLaw ||
      (known.names.length && known.names.some(([name, is]) => isNameIn(reading, name) !== is))
    ) {
      const own = { ...reading, chapter, isLaw, names: new Map<string, boolean>() }
      const reports = [...stepsIn(own)]
      known = { isLaw, names: [...own.names], reports }
      kept.set(chapter, known)
    }
    if (known.reports.length) yield* known.reports
  }
}
export default check

/** A part of a document, which holds all that its steps hang on but two things. */
interface Part extends Reading {
  chapter: Chapter
  isLaw: boolean
  /** What is a name and what not, of the words that were asked for. */
  names: Map<string, boolean>
}

/** What was found in a part, as long as these two things are as they were. */
const kept = new WeakMap<Chapter, { isLaw: boolean; names: Array<[string, boolean]>; reports: Report[] }>()

function* stepsIn(reading: Part): Iterable<Report> {
  for (const block of reading.chapter.blocks) {
    const siblings = groupOf(reading, block.list ? `list ${block.list.list}` : block.table ? columnOf(block) : '')
    const ground = groundOf(reading, block, siblings)
    if (!ground || hasActor(reading, block)) continue
    const step = stepOf(reading, block, ground)
    if (!step) continue
    // a single present passive is a remark and "is stored" a property; among other steps they are steps
    if (
      (step.name === 'practice' || step.name === 'state') &&
      !hasOther(reading, `deeds ${ground} ${step.name}`, siblings, block, (other) => {
        if (isDone(reading, other)) return true
        const name = stepOf(reading, other, ground)?.name
        return name !== undefined && (step.name === 'practice' || name !== 'state')
      })
    )
      continue
    const report = reportOf(reading, block, step)
    yield isWeak(reading, step, ground) ? { ...report, severity: 'info' } : report
  }
}

const codeProperIn = fact(
  (block, { document }: Reading) => block.marks.filter((mark) => isCode(document.text, block, mark)).length,
)

/** Whether a step might as well be a rule about things: kept where, or done as another paper says. */
const isWeak = (reading: Part, { match, sentence }: Step, ground: Ground): boolean => {
  const verb = wordAt(sentence.block, match.to - 1)
  const next = wordAt(sentence.block, match.to)
  if (/^(?:stored|kept|held|retained|maintained|preserved|set|fitted|fixed|mounted)$/.test(verb))
    return /^(?:in|on|at|for|within|under)$/.test(next)
  return ground === 'plain' && reading.found(sentence, 'as-laid-down').length > 0
}

/** Code proper: `Done` and `In progress` are the columns of a board, `#help` is a channel. */
const isCode = (source: SourceText, { start }: Block, { kind, from, to }: Block['marks'][number]): boolean =>
  kind === 'code' && !/^`*(?:#[\w-]+|\p{Lu}\p{Ll}+(?: \p{L}\p{Ll}+)*)`*$/u.test(source.slice(start + from, start + to))

/** Whether a step says that somebody does something. */
const isDone = (reading: Part, block: Block): boolean => {
  const first = reading.sentences(block)[0]
  if (!first) return false
  return (
    reading.found(first, 'actor').some(({ from }) => from <= first.from + 2) ||
    (block.list?.ordered && /\b\p{L}+(?:ed|wn|en)\b[^.]*\bby (?:the |our )?\p{Lu}/u.test(block.prose)) ||
    ((block.list?.ordered || says(reading, block.list?.lead, ['course'])) &&
      reading.found(first, 'named').some(({ from }) => wordAt(block, from) === 'by'))
  )
}

const columnOf = (cell: Block): string => `column ${cell.table?.table} ${cell.table?.column}`
const rowOf = (cell: Block): string => `row ${cell.table?.table} ${cell.table?.row}`

/** What is asked of a part again and again, answered once: a list may have thousands of steps. */
interface Answers {
  /** The blocks of each list, table column (without its header) and table row. */
  groups: Map<string, Block[]>
  said: Map<string, boolean>
  others: Map<string, Block[]>
  /** Where a block stands among those of its list. */
  places: Map<Block, number>
}
const answers = new WeakMap<Part, Answers>()

function answersOf(reading: Part): Answers {
  const known = answers.get(reading)
  if (known) return known
  const groups = new Map<string, Block[]>()
  const places = new Map<Block, number>()
  const put = (key: string, block: Block): void => {
    const group = groups.get(key)
    if (group) group.push(block)
    else groups.set(key, [block])
  }
  for (const block of reading.chapter.blocks) {
    if (block.list) {
      put(`list ${block.list.list}`, block)
      places.set(block, (groups.get(`list ${block.list.list}`)?.length ?? 1) - 1)
    }
    if (!block.table) continue
    put(rowOf(block), block)
    if (block.table.row) put(columnOf(block), block)
  }
  const made: Answers = { groups, said: new Map(), others: new Map(), places }
  answers.set(reading, made)
  return made
}

const groupOf = (reading: Part, key: string): readonly Block[] => answersOf(reading).groups.get(key) ?? []

/** Whether another block of the group than this one has a quality; `quality` names it for the next who asks. */
function hasOther(
  reading: Part,
  quality: string,
  group: readonly Block[],
  block: Block,
  has: (other: Block) => boolean,
): boolean {
  const { others } = answersOf(reading)
  const key = `${quality} ${group[0]?.index}`
  let found = others.get(key)
  if (!found) {
    found = []
    // two are enough to answer for every block of the group
    for (const other of group) if (found.length < 2 && has(other)) found.push(other)
    others.set(key, found)
  }
  return found.some((other) => other !== block)
}

/** Whether something holds of a whole list; `quality` names it for the next who asks. */
function holds(reading: Part, quality: string, block: Block, has: (list: readonly Block[]) => boolean): boolean {
  const { said } = answersOf(reading)
  const key = `${quality} of list ${block.list?.list}`
  let answer = said.get(key)
  if (answer === undefined) {
    answer = has(groupOf(reading, `list ${block.list?.list}`))
    said.set(key, answer)
  }
  return answer
}

function says(reading: Part, block: Block | undefined, names: readonly string[]): boolean {
  if (!block) return false
  const { said } = answersOf(reading)
  const key = `${block.index} ${names.join(' ')}`
  let answer = said.get(key)
  if (answer === undefined) {
    answer = reading.sentences(block).some((sentence) => names.some((name) => reading.found(sentence, name).length > 0))
    said.set(key, answer)
  }
  return answer
}

/** Whether a block is a step, and what shows it. */
function groundOf(reading: Part, block: Block, siblings: readonly Block[]): Ground | undefined {
  if (block.kind === 'heading' || block.quoted || block.kind === 'quotation') return undefined
  if (['example', 'glossary', 'objective', 'measure'].includes(block.role)) return undefined
  // what stands under further headings of a "Policy statement" is the policy
  if ((block.role === 'purpose' || block.role === 'scope') && block.section.parent?.role !== block.role)
    return undefined
  const heading = block.section.heading
  const lead = block.list?.lead?.kind === 'paragraph' ? block.list.lead : undefined
  if (says(reading, heading, ['no-steps']) || (lead && /:\s*$/.test(lead.prose) && says(reading, lead, ['no-steps'])))
    return undefined
  if (lead && /:\s*$/.test(lead.prose) && says(reading, lead, ['kinds'])) return undefined
  const headed = block.role === 'procedure' || block.role === 'handoff'
  if (block.table) {
    if (block.table.row === 0) return undefined
    if (stepHeader.test(block.table.header)) return 'numbered'
    return whatHeader.test(block.table.header) && headersOf(reading, block).some((header) => stepHeader.test(header))
      ? 'numbered'
      : undefined
  }
  // "a." and "ii." of a policy make items that belong to no list
  if (says(reading, heading, ['rules']) && !says(reading, heading, ['course']))
    return block.list || isClause(block) ? 'plain' : undefined
  if (!block.list) return isClause(block) && !reading.isLaw ? 'plain' : undefined
  if (block.list.ordered) return 'numbered'
  if (isDefinition(reading, block)) return undefined
  if (headed || says(reading, lead, ['course'])) return 'procedure'
  const instructions = hasOther(reading, 'imperative', siblings, block, (one) =>
    reading.sentences(one).some((sentence) => reading.found(sentence, 'imperative').some(({ from }) => from === 0)),
  )
  return instructions ? 'procedure' : 'plain'
}

/** The words behind a bold label: "**Client ID**: a unique identifier". */
function labelled(block: Block): string | undefined {
  const bold = block.marks.find((mark) => mark.kind === 'strong' && mark.start === 0)
  if (!bold) return undefined
  const label = block.prose.slice(0, bold.end)
  const rest = block.prose.slice(bold.end)
  if (/:\s*$/.test(label)) return rest.trim()
  return /^\s*(?::|[–—-]\s)/.test(rest) ? rest.replace(/^\s*[:–—-]\s*/, '') : undefined
}

/** Whether a label looks like who does it: "Usher:", "Box office:", "Night crew:". */
const isRoleLabel = (label: string): boolean =>
  /^(?:the )?(?:[\p{L}-]+ ){0,2}(?:\p{L}+ists?|\p{L}{2,}eers?|\p{L}+(?:man|men|woman|women)|ushers?|offices?|desks?|teams?|units?|departments?|crews?|committee|board|panel|reception|centre|center|branch|depot|store|lab|laboratory|clinic|ward|workshop|kitchen)\s*:?\s*$/u.test(
    // a class of letters that minds no case takes 5 ms to make
    label.toLowerCase(),
  ) && !/\b(?:list|checklist|waitlist)\s*:?\s*$/i.test(label)

const hasRoleLabel = (block: Block): boolean => {
  const bold = block.marks.find((mark) => mark.kind === 'strong' && mark.start === 0)
  return bold !== undefined && labelled(block) !== undefined && isRoleLabel(block.prose.slice(0, bold.end))
}

/** Whether a label is defined by words without a statement, or is itself what a statement is about. */
function isDefined(reading: Part, block: Block): boolean {
  const text = labelled(block)
  if (!text) return false
  const first = /^.*?(?:[.!?](?=\s|$)|$)/s.exec(text)?.[0] ?? text
  // "Urgent bug fix, required ASAP.", "The addresses to which users are sent after signing out."
  const main = first.replace(/\b(?:which|that|where|who|whom|when|if)\b.*$/is, '')
  const starts = block.prose.length - text.length
  const isStep = reading.sentences(block).some((sentence) =>
    ['actor', 'imperative'].some((name) =>
      reading.found(sentence, name).some(({ from }) => {
        const at = block.tokens?.start[from] as number
        return at >= starts && at < starts + first.length && (name === 'actor' || at === starts)
      }),
    ),
  )
  return !isStep && !stating.test(main)
}

/** Whether a list says what its labels mean: most of them, or this one. */
const isDefinition = (reading: Part, block: Block): boolean =>
  labelled(block) !== undefined &&
  (isDefined(reading, block) ||
    holds(reading, 'definition', block, (list) => {
      const items = list.filter((one) => labelled(one) !== undefined)
      // "Soon: needs to be done this month", "Later: has an issue" say what their labels stand for
      const defined = items.filter((one) => isDefined(reading, one) || standsFor.test(labelled(one) ?? ''))
      return items.length > 1 && defined.length * 2 >= items.length && defined.some((one) => isDefined(reading, one))
    }))

/** Articles, contracts and licences bind by their clauses; whom, the law says. */
const isStatute = (blocks: readonly Block[]): boolean =>
  /\b(?:articles|statutes?|by-?laws|constitution|agreement|contract|terms|covenant|licen[cs]e)\b/i.test(
    blocks.find((block) => block.kind === 'heading')?.prose ?? '',
  )

/** Items that belong to no list, and clauses with a number: "(a)", "3.1". */
const isClause = (block: Block): boolean =>
  block.kind === 'item' ||
  (block.kind === 'paragraph' &&
    /^(?:\((?:[a-z]|[ivx]{1,4}|\d{1,2})\)|\d{1,2}(?:\.\d{1,2}){1,3}\.?)\s/.test(block.prose))

const headersOf = (reading: Part, cell: Block): string[] =>
  groupOf(reading, `row ${cell.table?.table} 0`).map(({ prose }) => prose)

/** Whether the heading, the lead-in, the label, the row or a step before says who does it. */
function hasActor(reading: Part, block: Block): boolean {
  // "Changing supervisor" and "Talking to your manager" say what is done, not who does it
  const { heading } = block.section
  const isAboutRole = heading !== undefined && toRole.test(heading.prose)
  if (says(reading, heading, isAboutRole ? ['delegated'] : ['named', 'delegated'])) return true
  if (heading && ofWhom.test(heading.prose)) return true
  // "Before your operation": the reader is told, among other things
  if (
    heading &&
    /\byour\b/i.test(heading.prose) &&
    block.list &&
    /\b(?:must|should|needs?)\b/i.test(block.prose) &&
    holds(reading, 'instructions', block, (all) =>
      all.some((one) => reading.sentences(one).some((sentence) => isTold(reading, sentence))),
    )
  )
    return true
  // "What the depot does"
  if (heading && /^what (?!it\b|this\b|that\b)\S+(?: \S+){0,4} (?:do|does|must do|should do)\b/i.test(heading.prose))
    return true
  const above = block.section.parent
  if (above && above.level > 1 && says(reading, above.heading, ['named'])) return true
  const { blocks } = reading.document
  if (block.table) {
    const row = groupOf(reading, rowOf(block)).filter((one) => one !== block)
    if (
      row.some(
        (cell) =>
          cell.table &&
          whoHeader.test(cell.table.header.replace(byWhen, '')) &&
          !stepHeader.test(cell.table.header) &&
          !nobody.test(cell.prose),
      )
    )
      return true
    return row.some((cell) => says(reading, cell, ['owner']))
  }
  for (let lead = block.list?.lead, up = 0; lead && up < 3; lead = lead.list?.lead, up++) {
    if (lead.kind === 'heading') break
    // "makes sure that:", and steps below an instruction belong to whoever is told
    // and so do those that end a sentence about them: "Democratic Services then:"
    if (/\b(?:that|ensure|ensuring|then|will|must|shall|should|(?:has|have|needs?|is|are) to)\s*:\s*$/.test(lead.prose))
      return true
    if (says(reading, lead, ['system'])) return true
    const told = lead.list && reading.sentences(lead)[0]
    if (told && isInstruction(reading, told, false)) return true
    if (says(reading, lead, /:\s*$/.test(lead.prose) || lead.list ? ['named', 'actor', 'delegated'] : ['delegated']))
      return true
    const before = blocks[lead.index - 1]
    if (
      up === 0 &&
      before?.section === block.section &&
      before.kind === 'paragraph' &&
      says(reading, before, ['delegated'])
    )
      return true
  }
  // the label of the step itself: "**Buyer**: the order is placed"
  const bold = block.marks.find((mark) => mark.kind === 'strong' && mark.start === 0)
  const label = bold
    ? block.prose.slice(0, bold.end)
    : /^(?:[^.:]{2,40}(?=:| [–—-] )|\([^)]{2,60}\))/.exec(block.prose)?.[0]
  const first = reading.sentences(block)[0]
  const tokens = block.tokens
  if (label && label.length < block.prose.length && first && tokens) {
    if (reading.found(first, 'named').some(({ to }) => (tokens.end[to - 1] as number) <= label.length)) return true
  }
  if (isHeldNext(reading, block)) return true
  // "Box office: tickets are counted", "(Driver) The box is sealed", where most items begin so
  if (
    (hasRoleLabel(block) || bracketed.test(block.prose)) &&
    holds(reading, 'labels of roles', block, (all) => {
      const roles = all.filter((one) => hasRoleLabel(one) || bracketed.test(one.prose))
      return roles.length * 2 > all.length
    })
  )
    return true
  if (!block.list) return false
  const list = groupOf(reading, `list ${block.list.list}`)
  // a title or another paragraph of the same step that tells the reader what to do
  const place = answersOf(reading).places.get(block) ?? 0
  let from = place
  while (list[from - 1]?.list?.index === block.list.index) from--
  for (let at = from; list[at]?.list?.index === block.list.index; at++) {
    const one = list[at] as Block
    const told = reading.sentences(one)
    if (one === block ? bold && told[0] && isTold(reading, told[0]) : told.some((each) => isTold(reading, each)))
      return true
  }
  // "The results are also posted": by whoever was named or told just before
  const before = list[place - 1]
  if (
    before &&
    /\b(?:also|as well(?! as)|additionally|in addition|likewise)\b/i.test(block.prose) &&
    reading
      .sentences(before)
      .some((sentence) => isTold(reading, sentence) || reading.found(sentence, 'actor').length > 0)
  )
    return true
  if (list[0] === block) return false
  // who was named in the first such step is named for all after it
  const { others } = answersOf(reading)
  const key = `delegated ${block.list.list}`
  const named = others.get(key) ?? list.filter((one) => says(reading, one, ['delegated'])).slice(0, 1)
  others.set(key, named)
  return (named[0]?.index ?? block.index) < block.index || says(reading, block, ['together'])
}

/** Whether a sentence begins with what the reader shall do; "Open-air events" begins with none. */
const isTold = (reading: Part, sentence: Sentence): boolean => isInstruction(reading, sentence, false)

/** Whether the words right behind a step say whose it is: "The clerk is responsible for notifying them". */
function isHeldNext(reading: Part, block: Block): boolean {
  const { blocks } = reading.document
  for (const next of blocks.slice(block.index + 1, block.index + 4)) {
    if (next.section !== block.section || next.kind === 'heading') return false
    const held = /\bresponsible for (?:\w+ly )?(\w{4,})ing\b/i.exec(next.prose)?.[1]?.toLowerCase()
    if (held && new RegExp(`\\b${held.slice(0, -1)}\\w{0,2}(?:ed|en|t)\\b`, 'i').test(block.prose)) return true
    if (next.index === block.index + 1 && !next.list && says(reading, next, ['discretion'])) return true
  }
  return false
}

/** A duty that names nobody, and the clause in which it stands. */
interface Step {
  name: string
  match: Match
  sentence: Sentence
  /** The token at which its clause begins. */
  start: number
}

/** The word at a token, in lower case; empty beyond the block. */
const wordAt = (block: Block, at: number): string =>
  block.tokens && at >= 0 && at < block.tokens.ids.length
    ? block.prose.slice(block.tokens.start[at], block.tokens.end[at]).toLowerCase()
    : ''

/** "Open-standup": a word before a hyphen is no verb of its own. */
const isParted = (block: Block, at: number): boolean => block.prose[block.tokens?.end[at] as number] === '-'

/** Token classes are bits; 1 marks a word, all else is punctuation. */
const isWord = (block: Block, at: number): boolean => ((block.tokens?.looks[at] ?? 0) & 1) === 1

/** The first duty without an actor in a step. */
function stepOf(reading: Part, block: Block, ground: Ground): Step | undefined {
  // "a." is read as a sentence of its own
  const sentences = reading.sentences(block).filter((one) => one.to - one.from > 2)
  for (const [position, sentence] of sentences.entries()) {
    if (position > 0) {
      // whoever was named or told what to do goes on doing it
      const before = sentences[position - 1] as Sentence
      if (
        isInstruction(reading, before, true) ||
        ['actor', 'named'].some((name) => reading.found(before, name).length > 0)
      )
        return undefined
    }
    const step = stepIn(reading, sentence, sentences[position + 1], position > 0 ? 'plain' : ground)
    if (step) return step
  }
  return undefined
}

/** Whether a sentence says who acts: "by adding" is no actor, "by Marketing" is one. */
const hasDoer = (reading: Part, sentence: Sentence): boolean =>
  reading
    .found(sentence, 'actor')
    .some(({ from, to }) =>
      wordAt(sentence.block, from) === 'by'
        ? !/ing$/.test(wordAt(sentence.block, to - 1)) ||
          reading.found(sentence, 'named').some((one) => one.from === from)
        : !isLimit(sentence, from),
    )

/** Whether somebody's act only says by when: "before the crew leaves". */
function isLimit({ block, from: first }: Sentence, at: number): boolean {
  for (let one = at - 1; one >= first && one >= at - 3; one--) {
    if (/^(?:before|until|till)$/.test(wordAt(block, one))) return one > first
    if (!determiners.has(wordAt(block, one)) && one < at - 1) return false
  }
  return false
}

/** Whether a sentence tells the reader what to do, at its beginning or at all. */
const isInstruction = (reading: Part, sentence: Sentence, isAnywhere: boolean): boolean =>
  reading.found(sentence, 'imperative').some(({ from }) => {
    if (/(?:ing|ed)$/.test(wordAt(sentence.block, from)) || isParted(sentence.block, from)) return false
    if (from !== sentence.from) return isAnywhere && wordAt(sentence.block, from - 1) === ','
    // "Credit card statements are sent" begins with no instruction
    return !['duty', 'practice', 'state'].some((name) =>
      reading
        .found(sentence, name)
        .some((match) => match.from - from < 5 && clauseStart(sentence.block, sentence, match) === from),
    )
  })

/** The duty without an actor in a sentence. */
function stepIn(reading: Part, sentence: Sentence, next: Sentence | undefined, ground: Ground): Step | undefined {
  const { block } = sentence
  const word = (at: number): string => wordAt(block, at)
  if (/\?\s*$/.test(reading.words(block, sentence.from, sentence.to))) return undefined
  if (hasDoer(reading, sentence)) return undefined
  // "by [role]" is for the author to fill in, and names whom to fill in
  for (let at = sentence.from; at < sentence.to; at++)
    if (word(at) === 'by' && /^[[<{]$/.test(word(at + 1))) return undefined
  if (next && reading.found(next, 'actor').some(({ from }) => word(from) !== 'by')) return undefined
  if (['condition', 'discretion', 'requirement'].some((name) => reading.found(sentence, name).length > 0))
    return undefined
  if (next && ['how', 'discretion'].some((name) => reading.found(next, name).length > 0)) return undefined
  if (leadsIn(reading, block, sentence) || isEffect(reading, block, sentence)) return undefined
  const imperative =
    !/ing$/.test(word(sentence.from)) &&
    !isParted(block, sentence.from) &&
    reading.found(sentence, 'imperative').some(({ from }) => from === sentence.from)
  if (
    imperative &&
    (reporting.has(word(sentence.from)) ||
      determiners.has(word(sentence.from + 1)) ||
      /^(?:it|them|him|her|on|up|in|out|to|that|with|for)$/.test(word(sentence.from + 1)))
  )
    return undefined
  const names = ['duty', 'gerund', 'event', 'impersonal', 'practice', 'state']
  const candidates = names.flatMap((name) =>
    reading
      .found(sentence, name)
      .map((match) => ({ name, match, sentence, start: clauseStart(block, sentence, match) })),
  )
  candidates.sort((a, b) => a.match.from - b.match.from || b.match.to - a.match.to)
  return candidates.find((one) => stands(reading, block, one, ground) && !(imperative && one.start > sentence.from))
}

/** Whether a sentence leads in to instructions, which say it better than it does. */
function leadsIn(reading: Part, block: Block, sentence: Sentence): boolean {
  const next = reading.document.blocks[block.index + 1]
  const first = next && reading.sentences(next).find((one) => one.to - one.from > 2)
  if (!next || !first || sentence !== reading.sentences(block).at(-1)) return false
  const isBelow = next.list ? next.list.lead === block : next.kind === 'item' && /:\s*$/.test(block.prose)
  return isBelow && isTold(reading, first)
}

/** Whether a system does it: what follows a click, an alert that goes out, a mail already received. */
function isEffect(reading: Part, block: Block, sentence: Sentence): boolean {
  const text = reading.words(block, sentence.from, sentence.to)
  if (/\b(?:alerts?|alarms?|monitors?) (?:is|are|gets?) (?:triggered|fired|generated)\b/i.test(text)) return true
  const list = block.list ? groupOf(reading, `list ${block.list.list}`) : []
  const before = list[(answersOf(reading).places.get(block) ?? 0) - 1]
  if (!before) return false
  const noun = /^the (email|e-mail|message|notification|text|code|link)s? (?:is|are|will be) sent\b/i.exec(text)?.[1]
  if (noun && new RegExp(`\\b(?:receives?|gets?|automatic\\w*)\\b.*\\b${noun}`, 'i').test(before.prose)) return true
  const made = /\bwill be (?:created|generated|shown|displayed|opened|saved|added|uploaded)\b/i
  return made.test(text) && holds(reading, 'clicks', block, (all) => all.some((one) => clicks.test(one.prose)))
}

/** Where the clause of a match begins: behind punctuation, or with the subject behind a clause without comma. */
function clauseStart(block: Block, sentence: Sentence, match: Match): number {
  const word = (at: number): string => wordAt(block, at)
  let start = match.from
  while (start > sentence.from && isWord(block, start - 1)) start--
  if (!conditional.test(word(start))) return start
  // "Once the work is completed a summary is written", "When an issue is done it should be closed"
  let verb = start + 1
  while (verb < match.from && !finite.test(word(verb))) verb++
  // "After an hour the police must be told", "Within ten days unclaimed items are to be given away"
  if (/^(?:after|before|since|until)$/.test(word(start)))
    for (let at = start + 1; at < match.from - 1 && at < start + 6; at++)
      if (/^(?:minute|hour|day|week|fortnight|month|year)s?$/.test(word(at)) && !preposition.test(word(at + 1)))
        return at + 1
  // "After the pilot the results will be published"
  if (verb === match.from && /^(?:after|before|since|until)$/.test(word(start))) verb = start
  for (let at = verb + 2; at < match.from; at++) {
    const subject =
      at === match.from - 1 ? /^(?:it|they|this|these|those)$/ : /^(?:an?|the|all|any|each|every|this|these)$/
    if (subject.test(word(at)) && !preposition.test(word(at - 1)) && !reporting.has(word(at - 1))) return at
  }
  return start
}

/** Whether a subordinate clause before a match has a verb of its own, so that the match is the main statement. */
function isOver(block: Block, at: number, { name, match: { from: to }, start }: Step): boolean {
  const word = (one: number): string => wordAt(block, one)
  const which = word(at)
  // "how to fix this", "as part of", "after the meeting"
  if (/^(?:how|what|where|when|which|whom)$/.test(which) && word(at + 1) === 'to') return true
  if (/^(?:as|after|before|since|until|till)$/.test(which)) {
    if (name !== 'duty' || at === start) return false
    for (let one = at + 1; one < to; one++) if (finite.test(word(one))) return false
    return true
  }
  if (!/^(?:which|who|that|whose)$/.test(which) || reporting.has(word(at - 1))) return false
  // "changes which affect customers must be approved", not "a change, which must be approved"
  if (to - at < 4) return to - at > 1 && /ed$/.test(word(at + 1))
  return finite.test(word(at + 1)) || (at > start && !determiners.has(word(at + 1)))
}

/** Whether a duty says by when, as steps do: "four weeks before", "the same day". */
const isTimed = (rest: string): boolean =>
  /^(?:(?:at least |no later than |not later than |up to )?(?:\d+|an?|one|two|three|four|five|six|seven|eight|ten|twelve|fourteen|thirty) (?:working |business |clear |calendar )?(?:minute|hour|day|week|month|year)s? (?:before|after|ahead|of|prior)|(?:on )?the (?:same|next|following|first|last) (?:working )?day|at once|immediately(?! (?:upon|on|after|when|if))|straight ?away|every (?:day|week|month|quarter|year|morning|evening))\b/i.test(
    rest,
  )

/** Whether the match is the main statement of its clause and a duty, on such ground. */
function stands(reading: Part, block: Block, step: Step, ground: Ground): boolean {
  const { name, match, sentence, start } = step
  const word = (at: number): string => wordAt(block, at)
  for (let at = match.from; at < match.to; at++) if (negative.test(word(at))) return false
  for (const { name: kind, from } of match.captures)
    if (kind === 'word' && !adverbs.has(word(from)) && !/ly$/.test(word(from))) return false
  const core =
    match.captures.some((one) => (one.name === 'task' || one.name === 'property') && one.to === match.to) ||
    (word(match.to - 1) === 'made' && isMade.test(word(match.from - 1))) ||
    (word(match.to - 1) === 'held' && isHeld.test(word(match.from - 1))) ||
    (word(match.to - 1) === 'taken' && isTaken.test(word(match.from - 1)))
  if (ground === 'plain' && !core && !(name === 'duty' && isTimed(reading.words(block, match.to, sentence.to))))
    return false
  // "Customer to be informed": nothing else says what is so
  if (word(match.from) === 'to') {
    if (
      start !== sentence.from ||
      match.from - start > 5 ||
      match.from === start ||
      isAdjunct.test(word(match.from - 1))
    )
      return false
    for (let at = start; at < sentence.to && (at < match.from || isWord(block, at)); at++)
      if (word(at) === 'for' && at < match.from) return false
      else if (
        at !== match.from + 1 &&
        (finite.test(word(at)) || stating.test(word(at))) &&
        !conditional.test(word(at - 1))
      )
        return false
  }
  if (ground === 'procedure' && !core && (name !== 'duty' || /^(?:will|'ll)$/.test(word(match.from)))) return false
  if (ground === 'plain') {
    if (
      name === 'practice' ||
      name === 'state' ||
      name === 'gerund' ||
      (/^(?:ought|is|are)$/.test(word(match.from)) && word(match.from + 1) !== 'to') ||
      (/^(?:will|'ll)$/.test(word(match.from)) && !promised.test(word(match.to - 1)))
    )
      return false
    if (word(match.from - 1) === 'you') return false
    // what is yours is for you to hand in
    if (/^(?:must|should|shall|needs?|has|have)$/.test(word(match.from)))
      for (let at = match.to; at < sentence.to; at++) if (word(at) === 'your') return false
    if (/^(?:using|through|via|under|as)$/.test(word(match.to))) return false
    // "must be kept within the region", not "must be answered within two days"
    if (/^(?:within|with|from)$/.test(word(match.to)) && placed.test(word(match.to - 1))) return false
    // "Menus must be printed in large type"
    if (
      /^(?:printed|typed|written|shown|displayed|drawn)$/.test(word(match.to - 1)) &&
      /^(?:in|on|at)$/.test(word(match.to))
    )
      return false
    // "Photographs must be taken against a white wall"
    if (word(match.to - 1) === 'taken' && /^(?:against|in|with|from|within)$/.test(word(match.to))) return false
  }
  for (let at = start; at < match.from; at++) {
    if ((subordinators.has(word(at)) && !isOver(block, at, step)) || reporting.has(word(at))) return false
    if (/^(?:no|nobody|nothing|never|neither)$/.test(word(at))) return false
  }
  for (let at = sentence.from; at < match.from; at++) if (pronouns.has(word(at))) return false
  // whoever is addressed may be told something; all else that "you" must be is for you to do
  if (
    word(match.from - 1) === 'you' &&
    !(/^(?:will|shall|'ll)$/.test(word(match.from)) && tells.test(word(match.to - 1)))
  )
    return false
  if (word(match.from - 1) !== 'you')
    for (let at = sentence.from; at < match.from; at++) if (word(at) === 'you') return false
  // "are asked to": whoever is asked is the one who acts
  if (word(match.to) === 'to' && (name === 'duty' ? served : asks).test(word(match.to - 1))) return false
  if (word(match.to) === 'only') return false
  for (let at = match.to; at < sentence.to && isWord(block, at); at++) if (word(at) === 'automatically') return false
  if (word(match.to - 1) === 'considered' && (ground === 'plain' || word(start + 1) === 'following')) return false
  // "Tests should be run on every change" is said of a build
  if (
    word(match.to - 1) === 'run' &&
    /\b(?:tests?|scripts?|jobs?|pipelines?|builds?|they)\b/i.test(reading.words(block, start, match.from))
  )
    return false
  // "Some projects are billed by the week"
  if ((name === 'practice' || name === 'state') && /^(?:some|many|most|few|several|certain|other)$/.test(word(start)))
    return false
  // a caption of a form: "“Active” needs to be ticked"
  if (
    /["“”']$/.test(block.prose.slice(0, block.tokens?.start[match.from]).trimEnd()) &&
    /^(?:checked|ticked|selected|set|marked)$/.test(word(match.to - 1))
  )
    return false
  if (/^(?:behind|on|with)$/.test(word(match.to)) && /^you$/.test(word(match.to + 1))) return false
  // "must be given enough time", "priority must be given"
  if (word(match.to - 1) === 'given' && weight.test(reading.words(block, start, match.to + 3))) return false
  // "[the time within which services must be restored]" is for the author to fill in
  for (let at = match.from, depth = 0; at >= sentence.from; at--) {
    if (word(at) === ']') depth++
    else if (word(at) === '[' && depth-- === 0) return false
  }
  if (
    /^(?:signed|logged)$/.test(word(match.to - 1)) &&
    /^(?:in|into|up|on)$/.test(word(match.to)) &&
    !(word(match.to - 1) === 'logged' && determiners.has(word(match.to + 1)))
  )
    return false
  // the code that a clause is about is a system's
  const { tokens } = block
  const from = tokens?.start[start] as number
  const to = tokens?.end[sentence.to - 1] as number
  const { text: source } = reading.document
  const isRemark = name === 'practice' || name === 'state'
  if (
    block.marks.some((mark) =>
      isRemark
        ? mark.kind === 'code' || mark.kind === 'template'
        : (mark.kind === 'template' || isCode(source, block, mark)) && mark.end >= from && mark.start <= to,
    )
  )
    return false
  if (!isRemark) return true
  if (word(match.to) === 'from') return !/^(?:made|taken|drawn|read|run|sent)$/.test(word(match.to - 1))
  return !/^(?:of|as|like|into)$/.test(word(match.to)) || tells.test(word(match.to - 1))
}

/** The finding with the passive that names somebody, and where it reads well the active voice. */
function reportOf(reading: Part, block: Block, step: Step): Report {
  const { tokens } = block
  // "are taken up": the little word belongs to the verb
  const hasParticle = /^(?:up|out|off|away|back|down)$/.test(wordAt(block, step.match.to))
  const isOpen = /^(?:of|the|an?|to|from|in|on)$/.test(wordAt(block, step.match.to + 1))
  const { name } = step
  // "are placed on the list": the place belongs to what follows
  const isPlace =
    /^(?:in|into|on)$/.test(wordAt(block, step.match.to - 1)) &&
    /^(?:placed|put|moved|brought|laid|set)$/.test(wordAt(block, step.match.to - 2)) &&
    isWord(block, step.match.to) &&
    step.match.to < step.sentence.to &&
    !afterGiving.has(wordAt(block, step.match.to))
  const match = { ...step.match, to: step.match.to + (isPlace ? -1 : hasParticle && !isOpen ? 1 : 0) }
  const phrase = reading.words(block, match.from, match.to)
  const start = tokens?.start[match.from] as number
  const end = tokens?.end[match.to - 1] as number
  // "must be completed/considered"
  if (wordAt(block, match.to) === '/') return { block, start, end, rewrites: [] }
  if (name === 'event') return { block, start, end, rewrites: [phrase.replace(/take place$/i, 'be held by [role]')] }
  if (name === 'impersonal') return { block, start, end, rewrites: [phrase.replace(/^it is \w+ to/i, '[Role] must')] }
  const task = match.captures.find(
    (one) => ['task', 'handling', 'property'].includes(one.name) && one.to === step.match.to,
  )
  const next = wordAt(block, match.to)
  const gives =
    task?.base !== undefined &&
    giving.has(task.base) &&
    isWord(block, match.to) &&
    match.to < step.sentence.to &&
    !afterGiving.has(next)
  const passive = gives ? [] : [`${phrase} by [role]`]
  const active =
    task?.base === undefined ? undefined : activeOf(reading, block, { ...step, match }, task.base, task.from)
  if (!active) return { block, start, end, rewrites: passive }
  const from = tokens?.start[step.start] as number
  const subject = block.prose.slice(from, start)
  return { block, start: from, end, rewrites: [...passive.map((one) => `${subject}${one}`), active] }
}

/** The clause in the active voice, where its subject is plain enough to move behind the verb. */
function activeOf(
  reading: Part,
  block: Block,
  { name, match, sentence, start: from }: Step,
  base: string,
  verbAt: number,
): string | undefined {
  const word = (at: number): string => wordAt(block, at)
  const first = word(from)
  if (match.from - from < 1 || match.from - from > 7 || openers.has(first) || /(?:ly|ing)$/.test(first))
    return undefined
  if (from > sentence.from) {
    if (word(from - 1) !== ',') return undefined
    // "The logs of users, managers and guests must be kept": the comma parts a list, no clause
    if (!openers.has(word(sentence.from)) && !subordinators.has(word(sentence.from))) return undefined
  }
  if (first === 'it' && /^(?:that|whether)$/.test(word(match.to))) return undefined
  const { tokens } = block
  const start = tokens?.start[from] as number
  const end = tokens?.end[match.to - 1] as number
  if (block.marks.some((mark) => mark.start < end && mark.end > start)) return undefined
  // "is checked and filed": the second verb would be left without its subject
  for (let at = match.to; at < sentence.to && (isWord(block, at) || word(at) === ','); at++) {
    if (
      /^(?:and|or|then|but)$/.test(word(at)) &&
      (/^(?:,|will|must|shall|should|is|are|be)$/.test(word(at + 1)) ||
        [1, 2, 3].some((ahead) => /(?:ed|en|nt|de|ut|ld|wn)$/.test(word(at + ahead))))
    )
      return undefined
  }
  const subject = reading.words(block, from, match.from)
  const object =
    objects[subject.toLowerCase()] ??
    (isName(reading, subject) ? subject : subject.charAt(0).toLowerCase() + subject.slice(1))
  const rest = reading.words(block, verbAt + 1, match.to)
  const adverb = match.captures
    .filter((one) => one.name === 'word')
    .map((one) => `${reading.words(block, one.from, one.to)} `)
    .join('')
  const modal = word(match.from)
  const verb =
    name === 'gerund' || /^needs?$/.test(modal)
      ? `needs to ${adverb}${base}`
      : name === 'practice' || name === 'state'
        ? `${adverb}${thirdPerson(base)}`
        : /^ha(?:ve|s)$/.test(modal)
          ? `has to ${adverb}${base}`
          : modal === 'ought'
            ? `ought to ${adverb}${base}`
            : /^(?:is|are)$/.test(modal)
              ? `${word(match.from + 1) === 'to' ? 'is to' : 'must'} ${adverb}${base}`
              : `${modal} ${adverb}${base}`
  const last =
    /^(?:on hold|aside|away|together|back)$/.test(rest) ||
    (subject.toLowerCase() in objects && !/^(?:to|for|at|with|of)$/.test(rest))
  const text = `[Role] ${verb} ${last ? `${object} ${rest}` : `${rest} ${object}`}`.replace(/\s+/g, ' ').trim()
  return from > sentence.from ? text.replace('[Role]', '[role]') : text
}

/** Whether a subject begins with a name, which keeps its capital inside a sentence. */
function isName(reading: Part, subject: string): boolean {
  const [first = '', second = ''] = subject.split(' ')
  if (!/^\p{Lu}\p{Ll}*$/u.test(first)) return true
  if (determiners.has(first.toLowerCase())) return false
  if (/^\p{Lu}/u.test(second)) return true
  const known = isNameIn(reading, first)
  reading.names.set(first, known)
  return known
}

/** Whether a word with a capital is a name: it has one within a sentence too, and is never written small. */
const isNameIn = (reading: Reading, word: string): boolean =>
  reading.count(new RegExp(`[\\p{Ll},] ${word}\\b`, 'gu'), word) > 0 &&
  reading.count(new RegExp(`\\b${word.toLowerCase()}\\b`, 'gu'), word) === 0

/** A verb as "she" has it: "checks", "replies", "passes". */
function thirdPerson(base: string): string {
  if (/[^aeiou]y$/.test(base)) return `${base.slice(0, -1)}ies`
  return /(?:s|x|z|ch|sh|o)$/.test(base) ? `${base}es` : `${base}s`
}
