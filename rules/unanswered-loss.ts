import {
  type CodeRule,
  codeIn,
  fact,
  type Reading,
  type Report,
  type Sentence,
  spanOfSentence,
} from '../engine/rule.ts'

/** The five losses, in the order of the essay: the question each asks, and two sentences that would answer it. */
const losses = [
  {
    name: 'identity',
    question: 'who am I now?',
    cures: ['You remain [role], in [team], and report to [name].', 'Your role is [role], and your manager is [name].'],
  },
  {
    name: 'control',
    question: 'what can I still decide?',
    cures: [
      'You decide [what] yourselves, and what you tell us by [date] can still change the plan.',
      'Tell us by [date] what we should do differently; we will change the plan where you are right.',
    ],
  },
  {
    name: 'meaning',
    question: 'why is this happening?',
    cures: ['We are doing this because [reason].', 'The reason is what [customers] go through today: [facts].'],
  },
  {
    name: 'confidence',
    question: 'am I able to?',
    cures: [
      '[Name] trains everyone beforehand, and the first weeks are for practice.',
      'You have [time] to practise, with [name] at your side.',
    ],
  },
  {
    name: 'understanding',
    question: 'how will it work?',
    cures: [
      'Here is how it works: [steps]; [name] answers your questions.',
      'Until [date] everything stays as it is; then [first step], and [name] answers your questions.',
    ],
  },
] as const

type Loss = (typeof losses)[number]

/** A process that is new is one that changes; a page for new people is none. */
const isNew =
  /^\W*(?:(?:our|the|a) )?(?:new(?! (?:\w+ )?(?:hires?|starters?|joiners?|employees?|staff|team|members?|managers?|colleagues?|customers?|clients?|suppliers?|vendors?|users?|projects?|engineers?)\b)|changes? to|(?:(?:de)?centrali[sz]ation|introduction|reorgani[sz]ation|merger|outsourcing) of)\b/i
/** A single sentence leaves nearly everything unanswered; whoever writes no more than this has not begun. */
const shortest = 25
/** More words than this and the text is a handbook, no announcement. */
const longest = 1000
/** Fewer words than this are more often a notice than a page of a handbook. */
const short = 250
/** An announcement says so at the start: among its first sentences. */
const opening = 14
/** What each sign of an announcement weighs, and how much of them makes one. */
const weights = {
  announces: 2,
  dated: 2,
  title: 3,
  greets: 2,
  standing: 4,
  customers: 3,
  long: 2,
  undated: 2,
  enough: 6,
}
/** Words of a greeting or a line such as "To: all crews". */
const longestGreeting = 12
/** Words that a sentence says twice without speaking of a calling. */
const idle: ReadonlySet<string> = new Set(
  'the and you your are for with that this they who all not our one its has have day days same what will each week date time from into more'.split(
    ' ',
  ),
)
/** "All employees will record …" */
const isDuty = /\b(?:will|shall|must)\b/
/** Steps in a list or rows of a table that show how something works. */
const enough = 3
/** Clock times ("08:00", "4 p.m."). */
const clock = /\b\d{1,2}[:.]\d{2}\b|\b\d{1,2} ?[ap]\.?m\b|\b(?:at|by|until|till) \d{1,2}(?=[,.;]| and\b)/i
/** "Isolation rooms: at the door." */
const labelled = /^(?:[\p{L}’'-]+ ){0,3}[\p{L}’'-]+: \p{L}/u
/** "A cook stays a cook": a calling that remains. */
const remains = /\b(\p{L}{3,})\b[^.;]{0,30}\b(?:stays?|remains?|is|are|still|continue|keep|keeps)\b[^.;]{0,25}\b\1\b/iu

/** Announcements of change to those who work with it that leave a loss unanswered: one finding a document. */
const check: CodeRule = function* (reading) {
  const announcing = announcementIn(reading)
  if (!announcing) return
  const open = losses.filter(({ name }) =>
    name === 'understanding' ? !isExplained(reading, announcing) : !isAnswered(reading, name),
  )
  if (open.length) yield reportOf(announcing, open)
}
export default check

/**
 * The sentence that announces a change to the people who work with it, if the document does. No single phrase
 * tells an announcement from the handbook page beside it, so what speaks for one is weighed: a title that names a
 * change, a greeting, a dated sentence near the start, words to those who work here, what becomes of their roles.
 */
function announcementIn(reading: Reading): Sentence | undefined {
  const { blocks } = reading.document
  const words = reading.total(wordsIn)
  if (words < shortest || words > longest) return undefined
  const spoken = blocks.filter((block) => !block.quoted)
  const first = spoken[0]
  if (!first) return undefined
  const all = spoken.flatMap((block) => reading.sentences(block))
  const start = all.slice(0, opening)
  const isHeading = ({ block }: Sentence): boolean => block.kind === 'heading'
  const has = (sentence: Sentence, name: string): boolean => answers(reading, sentence, name)
  const count = (among: readonly Sentence[], name: string): number =>
    among.filter((sentence) => has(sentence, name)).length
  if (start.some((sentence) => isHeading(sentence) && has(sentence, 'other-kind'))) return undefined
  // most documents end here, before the whole of them is read
  if (!start.some((sentence) => !isHeading(sentence) && (has(sentence, 'announces') || has(sentence, 'dated'))))
    return undefined

  const title = reading.sentences(first)
  const isTitled = !first.prose.trimEnd().endsWith('?') && count(title, 'title') + count(title, 'announces') > 0
  const isGreeting = all
    .slice(0, 4)
    .some((one) => one.to - one.from < longestGreeting && has(one, 'greets') && !has(one, 'customers'))
  const roles = Math.min(count(all, 'identity'), 2)
  let announcing: { sentence: Sentence; weight: number } | undefined
  for (const sentence of start) {
    if (isHeading(sentence) || isCondition(reading, sentence)) continue
    const announces = has(sentence, 'announces')
    const dated = has(sentence, 'dated')
    // a date alone announces only below a title of change or a greeting, with a word about people's roles or duties
    const binds =
      isTitled && has(sentence, 'addresses') && isDuty.test(reading.words(sentence.block, sentence.from, sentence.to))
    if (!announces && !(dated && (((isTitled || isGreeting) && roles > 0) || binds))) continue
    const weight =
      (announces ? weights.announces : 0) + (dated ? weights.dated : 0) + (has(sentence, 'addresses') ? 1 : 0)
    if (weight > (announcing?.weight ?? 0)) announcing = { sentence, weight }
  }
  if (!announcing) return undefined

  let points = announcing.weight + roles + Math.min(count(start, 'addresses'), 2)
  if (isTitled) points += weights.title
  if (count(title, 'standing') > 0 && !isNew.test(first.prose) && !title.some((one) => has(one, 'greets')))
    points -= weights.standing
  else if (words < short) points += 1
  if (isGreeting) points += weights.greets
  else if (count(start, 'dated') === 0) points -= weights.undated
  if (start.some((sentence) => sentence.block !== first && has(sentence, 'dated'))) points += 1
  // "your ticket" in a mail to the team is work
  points -= isGreeting ? Math.min(count(all, 'customers'), 1) : weights.customers * Math.min(count(all, 'customers'), 2)
  // an announcement is short and without code
  if (words > longest / 2) points -= weights.long
  points -= Math.min(reading.total(codeIn) + reading.fences, 6)
  points -= Math.max(0, blocks.filter(({ kind }) => kind === 'heading').length - 5)
  return points >= weights.enough ? announcing.sentence : undefined
}

const wordsIn = fact(({ prose }): number => (prose.match(/\s+/g)?.length ?? 0) + 1)

/** "If a role opens, …" says what may be, not what will change; "as of today" what is. */
const isCondition = (reading: Reading, { block, from, to }: Sentence): boolean =>
  /^(?:if|when|whenever|once|unless|as you (?!(?:may|might|will|probably|all|already|know)\b)|as of today|in case|should|feel free|interested|note)\b|\bcan\b/i.test(
    reading.words(block, from, Math.min(to, from + 8)),
  )

/** Whether any sentence answers the loss. */
const isAnswered = (reading: Reading, loss: string): boolean =>
  reading.document.blocks.some((block) => reading.sentences(block).some((sentence) => answers(reading, sentence, loss)))

/** Whether a sentence holds a phrase of a group; for identity also a calling that remains. */
function answers(reading: Reading, sentence: Sentence, loss: string): boolean {
  if (reading.found(sentence, loss).length > 0) return true
  if (loss !== 'identity') return false
  const word = remains.exec(reading.words(sentence.block, sentence.from, sentence.to))?.[1]?.toLowerCase()
  return word !== undefined && !idle.has(word)
}

/** Whether the document says how the change will work: in so many words, by a list of steps, or by two details. */
function isExplained(reading: Reading, announcing: Sentence): boolean {
  const items = new Map<number, number>()
  let details = 0
  for (const block of reading.document.blocks) {
    if (block.list?.ordered) {
      const count = (items.get(block.list.list) ?? 0) + 1
      items.set(block.list.list, count)
      if (count >= enough) return true
    }
    if (block.table && block.table.row >= enough) return true
    for (const sentence of reading.sentences(block)) {
      if (reading.found(sentence, 'understanding').length) return true
      if (sentence === announcing) continue
      // the date of a course or a consultation does not tell how the new way will work
      if (['identity', 'control', 'confidence'].some((name) => reading.found(sentence, name).length > 0)) continue
      const text = reading.words(block, sentence.from, sentence.to)
      if (
        clock.test(text) ||
        (labelled.test(text) && !answers(reading, sentence, 'greets')) ||
        reading.found(sentence, 'detail').length > 0
      )
        // "load the tray, close the gate, press green" is a whole sequence
        details += (text.match(/,/g)?.length ?? 0) > 1 ? 2 : 1
    }
  }
  return details > 1
}

/** The finding on the sentence that announces the change; the rewrites add what answers the open losses. */
function reportOf(announcing: Sentence, open: readonly Loss[]): Report {
  const { start, end, text } = spanOfSentence(announcing)
  return {
    block: announcing.block,
    start,
    end,
    words: { losses: enumerate(open.map(({ name, question }) => `${name} (“${question}”)`)) },
    // the reason stands best beside the change
    rewrites: [0, 1].map(
      (which) =>
        `${text} ${byReason(open)
          .map(({ cures }) => cures[which])
          .join(' ')}`,
    ),
  }
}

/** "a, b and c" */
const enumerate = (items: string[]): string =>
  items.length > 1 ? `${items.slice(0, -1).join(', ')} and ${items.at(-1)}` : (items[0] ?? '')

/** The losses with the one of meaning first. */
const byReason = (open: readonly Loss[]): Loss[] => [
  ...open.filter(({ name }) => name === 'meaning'),
  ...open.filter(({ name }) => name !== 'meaning'),
]
