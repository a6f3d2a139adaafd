import { basename, dirname, extname } from 'node:path'
import type { Severity } from '../../engine/severity.ts'
import { type Draft, type Entry, faultOf, type GuardDraft, type Reading } from './draft.ts'
import { ExpressionError, type Meaning, phraseOf, sampleOf, type Variant, variantsOf } from './expression.ts'
import { idFrom, type Text, titleFrom, type YamlFile } from './file.ts'

const severities: Record<string, Severity> = { error: 'error', warning: 'warning', suggestion: 'info' }
/** Where Vale looks by itself, or in all prose. */
const everywhere = new Set(['text', 'sentence', 'paragraph', 'summary'])
/** Keys that are read, or that change nothing of what is found. */
const known = new Set(
  `extends message level link ignorecase tokens swap exceptions nonword raw scope action description vocab append limit code
name custom capitalize first second max min token`.split(/\s+/),
)
/** Why Silolint has nothing like a kind of Vale's. */
const otherKinds: Record<string, string> = {
  occurrence: 'counting words or letters is nothing that phrases do',
  repetition: 'finding a word twice is a spelling checker’s',
  consistency: 'comparing the spellings of a document is a spelling checker’s',
  capitalization: 'capitals make no difference to phrases',
  metric: 'figures about a text are no phrases',
  readability: 'figures about a text are no phrases',
  spelling: 'spelling is a spelling checker’s',
  sequence: 'it goes by parts of speech',
  script: 'it is a program',
}

/** Whether a file is a rule of Vale. */
export const isVale = (file: YamlFile): boolean => file.get('extends') !== undefined

/** Reads a rule of Vale into a draft: existence, substitution, conditional and an occurrence of none. */
export function readVale(file: YamlFile, reading: Reading, inAllForms: boolean): void {
  const { path } = file
  const style = basename(dirname(path))
  const name = basename(path, extname(path))
  const kind = file.text(file.get('extends')) as Text
  const id = [idFrom(style), idFrom(name)].filter(Boolean).join('-') || 'imported'
  const draft: Draft = {
    id,
    path,
    title: titleFrom(idFrom(name) || id),
    note: '',
    severity: severities[file.text(file.get('level'))?.text ?? ''] ?? 'warning',
    message: '“$match” is on a list of words to avoid.',
    entries: [],
    guards: [],
  }
  const leaveRule = (at: Text, problem: string, cure: string): void => {
    reading.things++
    reading.left.push(faultOf({ ...at, value: at.text }, draft, problem, cure))
  }
  const note = (at: Text, problem: string, cure: string): void => {
    reading.notes.push(faultOf({ ...at, value: at.text }, draft, problem, cure))
  }

  const scopes = file.items(file.get('scope')).flatMap((one) => file.text(one) ?? [])
  const elsewhere = scopes.filter(({ text }) => !everywhere.has(text))
  if (elsewhere[0] && !scopes.some(({ text }) => everywhere.has(text))) {
    if (elsewhere.every(({ text }) => text.startsWith('~')))
      note(elsewhere[0], 'the rule now looks there too', 'See "in" in the guide to writing rules.')
    else {
      leaveRule(
        elsewhere[0],
        'the rule looks in one kind of place only, and Silolint would look in all prose',
        'Write a rule by hand, with "in" for a kind of section.',
      )
      return
    }
  }

  const ignoreCase = file.text(file.get('ignorecase'))?.text === 'true'
  const meaning: Meaning = { ignoreCase, withinWords: file.text(file.get('nonword'))?.text === 'true' }
  const message = file.text(file.get('message'))
  const link = file.text(file.get('link'))?.text
  const description = file.text(file.get('description'))?.text
  const source = `It comes from the rule ${name} of the Vale style ${style}.`
  draft.note = [description ?? `Words that a house style asks for in another way.`, link && `[More about it](${link}).`]
    .filter(Boolean)
    .join(' ')
    .concat(`\n\n${source}`)
  // what a substitution says holds for each of its swaps
  if (message && kind.text !== 'substitution') draft.message = messageFrom(message.text)

  const exceptions = exceptionsOf(file, draft, reading, meaning)
  const context: Context = { file, draft, reading, meaning, inAllForms, exceptions }
  switch (kind.text) {
    case 'existence':
      readTokens(context)
      break
    case 'substitution':
      readSwaps(context, message?.text ?? '')
      break
    case 'conditional':
      readConditional(context, kind)
      break
    case 'occurrence':
      if (file.text(file.get('max'))?.text === '0' && file.text(file.get('token'))) {
        readToken(context, file.text(file.get('token')) as Text, { ...meaning, withinWords: true })
        break
      }
      leaveRule(kind, otherKinds.occurrence as string, 'Keep this one in Vale.')
      return
    default:
      leaveRule(
        kind,
        otherKinds[kind.text] ?? 'Vale has no such kind, or a newer one',
        'Keep this one in Vale, or write a rule by hand.',
      )
      return
  }

  for (const { key } of file.entries())
    if (!known.has(key.text)) note(key, 'the key was not carried over', 'Look whether the rule needs it.')
  const action = file.text(file.get('name', file.get('action')))
  if (action && action.text !== 'replace') note(action, 'the action was not carried over', 'Add "rewrites" by hand.')
  if (!ignoreCase && draft.entries.some(({ phrase }) => /\p{Ll}/u.test(phrase)))
    note(
      file.text(file.get('ignorecase')) ?? { ...kind, text: 'ignorecase: false' },
      'capitals make no difference to phrases, so the rule also finds its words with a capital',
      'Nothing needs to be done, unless it was about capitals.',
    )
  if (draft.entries.length) reading.drafts.push(draft)
}

interface Context {
  file: YamlFile
  draft: Draft
  reading: Reading
  meaning: Meaning
  inAllForms: boolean
  exceptions: Exceptions | undefined
}

/** A message of Vale: `%s` is what was found. */
export const messageFrom = (text: string, replacement?: string): string => {
  let nth = 0
  return (
    text
      .replace(/["'“‘`]*%(?:\[(\d)\])?s["'”’`]*/g, (_, place?: string) => {
        nth++
        return replacement !== undefined && (place ?? String(nth)) === '1' ? `“${replacement}”` : '“$match”'
      })
      // a name behind $ would be taken for what a phrase captures
      .replace(/\$(?!match)(?=[a-z])/g, '$ ')
      .replace(/\s+/g, ' ')
      .trim() || '“$match” is on a list of words to avoid.'
  )
}

/** Makes an entry of an expression, or says why there is none. */
function readToken(context: Context, at: Text, how = context.meaning, expression = at.text): void {
  const { draft, reading, inAllForms } = context
  reading.things++
  try {
    const { variants, unless } = without(variantsOf(expression, how), context)
    draft.entries.push(entryOf(variants, at, inAllForms, { unless }))
  } catch (error) {
    leave(error, at, draft, reading)
  }
}

/** An entry of a draft for all of the variants. */
export const entryOf = (
  variants: readonly Variant[],
  { text, line, column }: Text,
  inAllForms: boolean,
  more: Partial<Entry> = {},
): Entry => ({
  phrase: phraseOf(variants, inAllForms),
  sample: sampleOf(variants.find(({ words }) => !/^[,;:–]/.test(words[0] ?? '')) ?? (variants[0] as Variant)),
  rewrites: [],
  unless: [],
  value: text,
  line,
  column,
  ...more,
})

/** Says of an expression that it cannot be carried over; anything else is thrown on. */
export function leave(error: unknown, at: Text, draft: Pick<Draft, 'path'>, reading: Reading): void {
  if (!(error instanceof ExpressionError)) throw error
  reading.left.push(faultOf({ ...at, value: at.text }, draft, error.message, error.cure))
}

function readTokens(context: Context): void {
  const { file, draft, reading, meaning } = context
  // the texts of `raw` are one expression, and the tokens stand behind it, or before it where it is appended
  const raw = file.items(file.get('raw')).flatMap((one) => file.text(one) ?? [])
  const whole = raw.map(({ text }) => text).join('')
  const isAppended = file.text(file.get('append'))?.text === 'true'
  const tokens = file.items(file.get('tokens')).flatMap((one) => file.text(one) ?? [])
  for (const token of tokens) {
    const edge = meaning.withinWords ? '' : '\\b'
    const text = `${edge}(?:${token.text})${edge}`
    if (raw[0]) readToken(context, token, meaning, isAppended ? text + whole : whole + text)
    else readToken(context, token)
  }
  if (!raw[0] || tokens.length) return
  readToken(context, raw[0], { ...meaning, withinWords: true }, whole)
  if (draft.entries.length && !/^\\b.*\\b$/s.test(whole))
    reading.notes.push(
      faultOf(
        { ...raw[0], value: raw[0].text },
        draft,
        'it may also find parts of words, and the phrase finds whole words',
        'Nothing needs to be done.',
      ),
    )
}

function readSwaps(context: Context, message: string): void {
  const { file, draft, reading, inAllForms } = context
  const maps = file.items(file.get('swap'))
  for (const { key, value } of (maps.length ? maps : [file.get('swap')]).flatMap((map) => file.entries(map))) {
    reading.things++
    const better = file.text(value)?.text ?? ''
    try {
      const byRewrite = new Map<string, Variant[]>()
      const { variants, unless } = without(variantsOf(key.text, context.meaning), context)
      for (const variant of variants) {
        const rewrite = filled(better, variant)
        byRewrite.set(rewrite, [...(byRewrite.get(rewrite) ?? []), variant])
      }
      for (const [rewrite, alike] of byRewrite) {
        // alternatives are written with a | between them
        const rewrites = /[()[\]\\]/.test(rewrite) ? [rewrite] : rewrite.split('|')
        draft.entries.push(
          entryOf(alike, key, inAllForms, {
            unless,
            rewrites: rewrites.map((one) => one.trim()).filter(Boolean),
            ...(message && { message: messageFrom(message, rewrites.join(' or ')) }),
          }),
        )
      }
      // several phrases of one thing
      reading.things += byRewrite.size - 1
    } catch (error) {
      leave(error, key, draft, reading)
    }
  }
}

/** A replacement with what the groups of the expression hold in place of `$1`. */
export function filled(replacement: string, { groups }: Variant): string {
  const text = replacement.replace(/\$(\d)|\$\{(\d)\}/g, (_, one?: string, other?: string) => {
    const held = groups.get(Number(one ?? other)) ?? ''
    if (/[\uE000-\uF8FF]/.test(held))
      throw new ExpressionError('its replacement takes over words that can be any', 'Write the rewrite by hand.')
    return held
  })
  if (/\\|\(\?|\$[a-z]/.test(text)) throw new ExpressionError('its replacement is an expression itself')
  return text
}

/** What must not be found, as rows of words between blanks, and the guard that clears them. */
interface Exceptions {
  rows: string[]
  guard: GuardDraft
}

function exceptionsOf(file: YamlFile, draft: Draft, reading: Reading, meaning: Meaning): Exceptions | undefined {
  const rows: Variant[] = []
  for (const item of file.items(file.get('exceptions'))) {
    const exception = file.text(item)
    if (!exception) continue
    reading.things++
    try {
      rows.push(...variantsOf(exception.text, { ...meaning, ignoreCase: true }))
    } catch (error) {
      leave(error, exception, draft, reading)
    }
  }
  if (!rows.length) return undefined
  return {
    rows: rows.map(({ words }) => ` ${words.join(' ')} `),
    guard: {
      id: `${draft.id}-exceptions`,
      title: `${draft.title}: exceptions`,
      text: `Words that the rule [${draft.id}](../${draft.id}.md) leaves alone.`,
      where: 'within',
      phrases: [...new Set(rows.map((row) => phraseOf([row], false)))],
    },
  }
}

/**
 * Takes out the forms that hold an exception. Where a phrase leaves open which words it finds, a guard clears those that
 * are an exception; its name is given.
 */
function without(variants: Variant[], { draft, exceptions }: Context): { variants: Variant[]; unless: string[] } {
  if (!exceptions) return { variants, unless: [] }
  const kept = variants.filter(({ words }) => {
    const text = ` ${words.join(' ').toLowerCase()} `
    return !exceptions.rows.some((one) => text.includes(one))
  })
  if (!kept.length) throw new ExpressionError('all that it finds is an exception', 'Nothing needs to be done.')
  const isOpen = kept.some(({ words }) => words.some((word) => /^[$…]/.test(word)))
  if (isOpen && !draft.guards.includes(exceptions.guard)) draft.guards.push(exceptions.guard)
  return { variants: kept, unless: isOpen ? [exceptions.guard.id] : [] }
}

/** First one thing, then another somewhere in the document: names that must be introduced. */
function readConditional(context: Context, kind: Text): void {
  const { file, draft, reading, meaning, inAllForms } = context
  const first = file.text(file.get('first'))
  const second = file.text(file.get('second'))
  reading.things++
  if (!first || !second) {
    const problem = 'a conditional needs "first" and "second"'
    reading.left.push(faultOf({ ...kind, value: kind.text }, draft, problem, 'Add what is missing.'))
    return
  }
  try {
    const wanted = variantsOf(first.text, meaning)
    // phrases know no brackets: of “World Health Organization (WHO)” what stands before them is enough
    const brackets = /\\[()]/g
    const introductions = variantsOf(second.text.replace(brackets, ' '), { ...meaning, withinWords: false })
    const { variants } = without(wanted, context)
    const taken: string[] = []
    const entries: Entry[] = []
    const guards: GuardDraft[] = []
    for (const variant of variants) {
      const name = variant.words.join(' ').toLowerCase()
      const own = introductions
        .filter(({ groups }) => [...groups.values()].some((held) => held.trim().toLowerCase() === name))
        .map(({ words, groups }) => ({
          words: words.slice(0, words.join(' ').toLowerCase().endsWith(` ${name}`) ? -variant.words.length : undefined),
          groups,
        }))
      const phrases = new Set(own.map(({ words }) => words.join(' ')))
      if (taken.some((one) => phrases.has(one)))
        throw new ExpressionError('“second” does not say which words introduce which name', 'Write a rule for each.')
      taken.push(...phrases)
      if (!own.length)
        throw new ExpressionError(
          `nothing in “second” introduces “${variant.words.join(' ')}”`,
          'Write a rule by hand.',
        )
      const id = variants.length === 1 ? `${draft.id}-introduced` : `${draft.id}-${idFrom(name)}`
      guards.push({
        id,
        title: `${draft.title}: ${variant.words.join(' ')} introduced`,
        text: `The document says these words somewhere, so the rule [${draft.id}](../${draft.id}.md) is content.`,
        where: 'document',
        phrases: [phraseOf(own, inAllForms)],
      })
      entries.push(entryOf([variant], first, inAllForms, { unless: [id] }))
    }
    draft.entries.push(...entries)
    draft.guards.push(...guards)
    const inside = brackets.test(second.text)
    reading.things += variants.length - 1
    if (inside)
      reading.notes.push(
        faultOf(
          { ...second, value: second.text },
          draft,
          'phrases know no words in brackets, so what stands before the bracket is enough',
          'Nothing needs to be done.',
        ),
      )
  } catch (error) {
    leave(error, first, draft, reading)
  }
}
