import {
  type Block,
  type CodeRule,
  type Fact,
  fact,
  type Match,
  type Reading,
  type Report,
  type Sentence,
  type SourceText,
} from '../engine/rule.ts'

/** Fewer words than this are a note; a step or two may well go without the people they are for. */
const fewestWords = 100
/** From here on a document has had room to name them; a shorter one may count on its neighbours, so it weighs less. */
const manyWords = 300
/** More code than this share of the blocks makes a document the manual of a system. */
const mostCode = 0.1
/** More sentences than this about servers and code make it one too. */
const mostMachines = 0.1
const machines = ['machine-metrics', 'machine-work', 'about-software', 'part-of-a-system']
/** No more tokens than these are a label or a number. */
const label = 3
/** Duties that make a document one that binds: with a title that says so, without, and on half a page. */
const duties = { titled: { least: 6, share: 0.2 }, untitled: { least: 8, share: 0.6 }, short: { least: 6, share: 0.4 } }
/** Sentences that name somebody of the house; without any, a document is a recipe or a manual. */
const fewestActors = 5
/** Half a page is quite sure to be a procedure only if it has steps, or much of it says who does what. */
const fewestSteps = 4
const shortActors = 0.4
/** An address to "you" this often serves its reader. */
const mostYou = 0.01

/** Long procedures and policies in which nobody occurs who is served: one finding, on the title. */
const check: CodeRule = function* (reading) {
  const { blocks } = reading.document
  const words = reading.total(wordsIn)
  if (words < fewestWords) return
  const code = reading.total(hasCode) + reading.fences
  if (code > blocks.length * mostCode) return
  const title = blocks.find((block) => block.kind === 'heading' && block.prose !== '') ?? blocks[0]
  if (!title || names(reading, title, 'other-kind')) return
  if (reading.total(youIn) > words * mostYou) return
  const sentences = reading.total(sentencesIn)
  const binding = reading.total(dutiesIn)
  const isTitled = names(reading, title, 'title') || reading.total(sayingSoIn) > 0
  const need = !isTitled ? duties.untitled : words < manyWords ? duties.short : duties.titled
  if (binding < need.least || binding < sentences * need.share) return
  const acting = reading.total(actorsIn)
  if (acting < fewestActors) return
  const hasSteps = words >= manyWords || blocks.filter((block) => block.list?.ordered).length >= fewestSteps
  if (!hasSteps && acting < sentences * shortActors) return
  // a title that calls it a policy outweighs the talk of tools, not that of servers
  if (reading.total(isTitled ? metricsIn : machinesIn) > sentences * mostMachines) return
  if (reading.total(servedIn) > 0) return
  const report = reportOn(title, reading.document.text)
  yield words < manyWords ? { ...report, severity: 'info' } : report
}
export default check

const wordsIn = fact(({ prose }): number => prose.match(/\S+/g)?.length ?? 0)
const youIn = fact(({ prose }): number => prose.match(/\b(?:you|your|yours)\b/gi)?.length ?? 0)
const hasCode = fact(({ marks }): number => Number(marks.some(({ kind }) => kind === 'code')))

/** Counts the statements of a block that are such: no headings, labels or numbers. */
const statements = (isSuch: (reading: Reading, sentence: Sentence) => boolean): Fact<number, Reading> =>
  fact((block, reading) =>
    block.kind === 'heading'
      ? 0
      : reading.sentences(block).filter((one) => one.to - one.from > label && isSuch(reading, one)).length,
  )
const sentencesIn = statements(() => true)
const dutiesIn = statements((reading, one) => isDuty(reading, one))
const sayingSoIn = statements((reading, one) => reading.found(one, 'says-so').length > 0)
const actorsIn = statements((reading, one) => reading.found(one, 'actor').length > 0)
const metricsIn = statements((reading, one) => reading.guarded(one, 'machine-metrics').length > 0)
const machinesIn = statements((reading, one) => machines.some((guard) => reading.guarded(one, guard).length > 0))
const servedIn = fact((block, reading: Reading): number =>
  Number(reading.sentences(block).some((sentence) => isServed(reading, sentence))),
)

/** Whether a sentence says what somebody does or has to do: by known words, or by its build ("The assayer weighs the button"). */
const isDuty = (reading: Reading, sentence: Sentence): boolean =>
  reading.found(sentence, 'duty').length > 0 ||
  /^(?:the|an?|each|every|one|another)\s(?:[\p{L}-]+\s){1,4}?\p{L}{2,}s\s(?:the|an?|its|each|every|any|all|it|them|his|her|their|out|up|both|two|three)\b/u.test(
    // a class of letters that minds no case takes 5 ms to make
    reading.words(sentence.block, sentence.from, sentence.to).toLowerCase(),
  )

const names = (reading: Reading, block: Block, group: string): boolean =>
  reading.sentences(block).some((sentence) => reading.found(sentence, group).length > 0)

/** Whether somebody served occurs in a sentence: not as a login, a head counted or anybody at all. */
function isServed(reading: Reading, sentence: Sentence): boolean {
  const served = reading.found(sentence, 'served')
  if (!served.length) return false
  const empty = ['named-only', 'counted-only'].flatMap((guard) => reading.guarded(sentence, guard))
  return served.some((match) => !empty.some((other) => covers(other, match)))
}

const covers = (outer: Match, inner: Match): boolean => outer.from <= inner.from && outer.to >= inner.to

/** The finding on the title, with the sentence to add below it. */
function reportOn(title: Block, source: SourceText): Report {
  const text = title.prose
  const kind = /\bpolic(?:y|ies)\b/i.test(text) ? 'policy' : 'procedure'
  const added = [
    `This ${kind} is there so that [customers] can [outcome].`,
    `[Customers] notice this ${kind} by [outcome], and hear from [name] when it takes longer.`,
  ]
  // below a heading with marks before it stands a paragraph; an underlined one would lose its line
  const newline = source.indexOf('\n', title.end)
  const line = source.slice(title.end, newline < 0 ? source.length : newline).match(/^[^\r]*/)?.[0] ?? ''
  const isHeading = title.kind === 'heading'
  const canAdd = !isHeading || (/#\s*$/.test(source.slice(Math.max(0, title.start - 8), title.start)) && !line.trim())
  return {
    block: title,
    start: 0,
    end: text.length,
    words: { kind },
    rewrites: canAdd ? added.map((sentence) => `${text}${isHeading ? '\n\n' : ' '}${sentence}`) : [],
  }
}
