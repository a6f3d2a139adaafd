import type { VFile } from 'vfile'
import { stringify } from 'yaml'
import { builtIn, builtInLinter } from '../../engine/builtin.ts'
import type { Layer, Sources } from '../../engine/catalogue.ts'
import type { Fault } from '../../engine/fault.ts'
import { applyEdits, editOf } from '../../engine/fix.ts'
import { createLinter } from '../../engine/linter.ts'
import { PhraseError, parsePhrase } from '../../engine/phrase.ts'
import type { Severity } from '../../engine/severity.ts'

/** A thing of the file that is imported, and what becomes of it. */
export interface Entry {
  /** The phrase that finds it, in the syntax of rule files. */
  phrase: string
  /** A text that it finds. */
  sample: string
  rewrites: string[]
  /** In place of the rule's message. */
  message?: string
  /** Names of guards of the draft, or phrases. */
  unless: string[]
  /** As the file has it, and where. */
  value: string
  line: number
  column: number
}

/** A guard file to be written beside the rule. */
export interface GuardDraft {
  id: string
  title: string
  text: string
  where: string[]
  phrases: string[]
}

/** A rule to be, read from a file of another linter. */
export interface Draft {
  id: string
  /** The file that it was read from. */
  path: string
  title: string
  note: string
  severity: Severity
  message: string
  entries: Entry[]
  guards: GuardDraft[]
  /** Texts with what the other linter makes of them; where both are one, it leaves the text alone. */
  specs?: Array<{ from: string; to: string } & Pick<Entry, 'line' | 'column'>>
}

/** What files of another linter gave. */
export interface Reading {
  drafts: Draft[]
  /** Things that came over as a whole or in part, each phrase and each rule without any being one. */
  things: number
  /** What did not come over, with its place. */
  left: Fault[]
  /** What came over and finds more or less than before. */
  notes: Fault[]
}

/** A file to be written: its path in the folder of rules, and its text. */
export interface Written {
  path: string
  text: string
}

type Found = VFile['messages'][number] & { pattern?: string }

/** Guards that always hold. Other linters know none, so imported rules set them aside. */
const despite = builtIn.guards.filter(({ always }) => always).map(({ id }) => id)
/** What comes with Silolint without its rules and words, which take a second to compile and which no import names. */
const bare: Layer = {
  ...builtIn,
  ...{ rules: [], vocabularies: [], roles: [], sectors: [], faulty: [] },
  guards: builtIn.guards.filter(({ always }) => always).map((guard) => ({ ...guard, phrases: [] })),
}
const byHand = 'Write a phrase by hand.'
/** Sentences for words of any kind; that in which as little else is found as can be is taken. */
const sentences = [
  (text: string) => `We read ${text} there.`,
  (text: string) => `Here it says ${text} now.`,
  (text: string) => `Look up ${text}.`,
  (text: string) => `Mark ${text}!`,
  (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)} stood there.`,
]

/**
 * The rule files of drafts. Each phrase is tried first: one that cannot be read, that finds nothing or that finds its own
 * rewrite as well is left out, and `left` of the reading says so. `things` is not changed.
 */
export function write(reading: Reading): Written[] {
  const files: Written[] = []
  const drafts = reading.drafts.map((draft) => {
    return { ...draft, entries: draft.entries.filter((entry) => isReadable(entry, draft, reading.left)) }
  })
  const tried = drafts.map((draft) => textsOf(draft, [], true))
  const sources: Sources = {
    rules: tried.map(({ rule }) => rule),
    guards: tried.flatMap(({ guards }) => guards),
    ...{ vocabularies: [], roles: [], sectors: [], code: {} },
  }
  const { linter, faults } = createLinter([bare, sources], { rules: {} })
  const all = builtInLinter()
  for (const draft of drafts) {
    const { entries } = draft
    const findingsIn = (text: string) => linter.lint(text).messages.filter(({ ruleId }) => ruleId === draft.id)
    const examples: string[][] = []
    const fault = faults.find(({ path }) => path === `${draft.id}.md`)
    const kept = entries.filter((entry, index) => {
      const leave = (problem: string, cure: string): false => {
        reading.left.push(faultOf(entry, draft, problem, cure))
        return false
      }
      // the sentence in which it is found and as little else as can be, by any rule
      let [text, own, other] = ['', undefined as Found | undefined, undefined as Found | undefined]
      let fewest = Number.POSITIVE_INFINITY
      for (const sentence of sentences) {
        const one = sentence(entry.sample)
        const found = linter.lint(one).messages
        const mine = found.find(({ ruleId, pattern }) => ruleId === draft.id && pattern === `p${index}`)
        other ??= found.find(({ ruleId }) => ruleId === draft.id)
        if (!mine) continue
        const number = found.length + all.lint(one).messages.length
        if (number < fewest) [text, own, fewest] = [one, mine, number]
        if (fewest === 1) break
      }
      if (!own) {
        const first = entries[Number(other?.pattern?.slice(1))]
        return first
          ? leave(`“${first.value}” of the same rule finds it already`, 'Nothing needs to be done.')
          : leave(fault ? `its rule cannot be read: ${fault.problem}` : 'the phrase for it finds nothing', byHand)
      }
      const [rewrite] = own.expected ?? []
      let rewritten = rewrittenIn(text, own)
      if (rewritten !== undefined) {
        const again = findingsIn(rewritten)
        if (again.some(({ pattern }) => pattern === `p${index}`))
          return leave(
            `Silolint reads “${entry.sample}” and “${rewrite}” as the same words`,
            'Capitals, hyphens and short forms such as “don’t” make no difference; leave this to a spelling checker.',
          )
        if (again.length) {
          reading.notes.push(
            faultOf(
              entry,
              draft,
              `another phrase of the rule finds its rewrite “${rewrite}”`,
              'Write another rewrite.',
            ),
          )
          entry.rewrites = []
          rewritten = undefined
        }
      }
      examples.push([`- ${text}`, ...(rewritten === undefined ? [] : [`+ ${rewritten}`])])
      return true
    })
    if (!kept.length) continue
    for (const spec of draft.specs ?? []) {
      const [own, ...more] = findingsIn(spec.from)
      const entry = entries[Number((own as Found | undefined)?.pattern?.slice(1))]
      const made = own && entry?.rewrites.length ? rewrittenIn(spec.from, own) : own ? undefined : spec.from
      // rules of Silolint's own, or others that came over, would take the example for theirs
      const isFree = linter.lint(spec.from).messages.length === (own ? 1 : 0) && !all.lint(spec.from).messages.length
      if (made !== spec.to || more.length || (entry && !kept.includes(entry)))
        reading.notes.push(
          faultOf(
            { ...spec, value: spec.from },
            draft,
            own ? `this example comes out as “${made ?? spec.from}”` : 'nothing is found in this example',
            `Wanted is “${spec.to}”; change the phrase or the rewrite.`,
          ),
        )
      else if (isFree && !own) examples.push([`  ${spec.from}`])
      // it shows more than the sentence that was made up
      else if (isFree && entry) examples[kept.indexOf(entry)] = [`- ${spec.from}`, `+ ${spec.to}`]
    }
    const texts = textsOf({ ...draft, entries: kept }, examples, false)
    files.push(texts.rule, ...texts.guards)
  }
  return files
}

/**
 * What `silolint rule test` finds wrong with files to be written, with their places in them: most often that two of the
 * rules that came over find the same words.
 */
export async function test(files: readonly Written[]): Promise<Fault[]> {
  const { testRule } = await import('../../engine/ruletest.ts')
  const { otherForms } = await import('../../engine/wordforms.ts')
  const isRule = ({ path }: Written): boolean => !path.includes('/')
  const sources: Sources = {
    ...{ rules: files.filter(isRule), guards: files.filter((file) => !isRule(file)) },
    ...{ vocabularies: [], roles: [], sectors: [], code: {} },
  }
  const { linter } = createLinter([builtIn, sources], { rules: {} })
  const faults: Fault[] = []
  for (const source of sources.rules) {
    const rule = linter.catalogue.rules.find(({ path }) => path === source.path)
    const { failures = [] } = rule ? await testRule(rule, source, { linter, otherForms }) : {}
    for (const { reason, line, column, actual } of failures)
      faults.push({
        ...{ path: source.path, line, column, value: actual ?? undefined },
        ...{ problem: reason.replace(/\.$/, ''), cure: 'Change the file, or leave the phrase out.' },
      })
  }
  return faults
}

/** A text with the first rewrite of a finding put in, none where it has no rewrite. */
function rewrittenIn(text: string, finding: Found): string | undefined {
  const [rewrite] = finding.expected ?? []
  return rewrite === undefined ? undefined : applyEdits(text, [editOf(finding, rewrite, text)]).source
}

function isReadable(entry: Entry, draft: Draft, left: Fault[]): boolean {
  try {
    parsePhrase(entry.phrase)
    return true
  } catch (error) {
    if (!(error instanceof PhraseError)) throw error
    left.push(faultOf(entry, draft, `no phrase can be made of it: ${error.message}`, error.cure))
    return false
  }
}

/** What is to be said of an entry, with its place in the file. */
export const faultOf = (
  { line, column, value }: Pick<Entry, 'line' | 'column' | 'value'>,
  { path }: Pick<Draft, 'path'>,
  problem: string,
  cure: string,
): Fault => ({ path, line, column, value, problem, cure })

/** The text of the rule file and its guards. To be tried, each phrase is a group with the number of its entry. */
function textsOf(draft: Draft, examples: readonly string[][], isTried: boolean): { rule: Written; guards: Written[] } {
  const groups = new Map<string, Record<string, unknown> & { phrases: string[] }>()
  const plain: string[] = []
  for (const [index, { phrase, rewrites, message, unless }] of draft.entries.entries()) {
    if (!isTried && !rewrites.length && message === undefined && !unless.length) {
      plain.push(phrase)
      continue
    }
    const key = isTried ? String(index) : JSON.stringify([rewrites, message, unless])
    const known = groups.get(key)
    if (known) known.phrases.push(phrase)
    else
      groups.set(key, {
        ...(isTried && { name: `p${index}` }),
        phrases: [phrase],
        ...(rewrites.length && { rewrites }),
        ...(message !== undefined && { message }),
        ...(unless.length && { unless }),
      })
  }
  const front = stringify(
    {
      severity: draft.severity,
      message: draft.message,
      phrases: [...plain, ...groups.values()],
      despite,
    },
    { lineWidth: 0, aliasDuplicateObjects: false },
  )
  const diff = examples.flat()
  const fence = diff.length ? `\n\`\`\`diff\n${diff.join('\n')}\n\`\`\`\n` : ''
  return {
    rule: { path: `${draft.id}.md`, text: `---\n${front}---\n\n# ${draft.title}\n\n${draft.note}\n${fence}` },
    guards: draft.guards.map(({ id, title, text, where, phrases }) => ({
      path: `guard/${id}.md`,
      text: `---\n${stringify({ where, phrases }, { lineWidth: 0, aliasDuplicateObjects: false })}---\n\n# ${title}\n\n${text}\n`,
    })),
  }
}
