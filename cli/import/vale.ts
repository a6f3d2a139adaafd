import { basename, dirname, extname } from 'node:path'
import type { Severity } from '../../engine/severity.ts'
import { type Draft, type Entry, faultOf, type GuardDraft, type Reading } from './draft.ts'
import {
  ahead,
  behind,
  ExpressionError,
  type Meaning,
  phraseOf,
  sampleOf,
  sign,
  type Variant,
  variantsOf,
} from './expression.ts'
import { idFrom, type Text, titleFrom, type YamlFile } from './file.ts'

const severities: Record<string, Severity> = { error: 'error', warning: 'warning', suggestion: 'info' }
/** Where Vale looks by itself, or in all prose. */
const everywhere = new Set(['text', 'sentence', 'paragraph', 'summary', 'raw', 'md', 'txt', 'html', 'rst', 'adoc'])
/** Keys that are read, or that change nothing of what is found. */
const known = new Set(
  `extends message level link ignorecase tokens swap exceptions nonword raw scope action description vocab append limit code
name custom capitalize matchcase first second max min token tests`.split(/\s+/),
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
  const partsOf = ({ text }: Text): string[] => text.split('&').map((part) => part.trim())
  const isWide = (scope: Text): boolean =>
    partsOf(scope).every((part) => part.startsWith('~') || part.split('.').every((one) => everywhere.has(one)))
  const wide = scopes.find(isWide)
  if (scopes[0] && !wide) {
    const problem = 'the rule looks in one kind of place only, and Silolint would look in all prose'
    leaveRule(scopes[0], problem, 'Write a rule by hand, with "in" for a kind of section.')
    return
  }
  if (wide && partsOf(wide).some((part) => part.startsWith('~')))
    note(wide, 'the rule now looks there too', 'See "in" in the guide to writing rules.')
  if (wide && partsOf(wide).includes('raw'))
    note(
      wide,
      'it looks at the source as it is written, and Silolint at its prose',
      'Code and addresses are left alone.',
    )
  const limit = file.text(file.get('limit'))
  if (limit) note(limit, 'it stops after so many in a document, and the rule finds each', 'Nothing needs to be done.')

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
        note(
          file.text(file.get('max')) as Text,
          'Vale takes a most of 0 for none and finds nothing, and the rule finds each',
          'Drop the rule if that is not meant.',
        )
        readToken(context, file.text(file.get('token')) as Text, { ...meaning, withinWords: true })
        break
      }
      leaveRule(kind, otherKinds.occurrence as string, 'Keep this one in Vale.')
      return
    default:
      leaveRule(
        kind,
        otherKinds[kind.text] ??
          (kind.text.includes('.') ? 'it builds on another rule' : 'Vale has no such kind, or a newer one'),
        'Keep this one in Vale, or write a rule by hand.',
      )
      return
  }

  for (const { key } of file.entries())
    if (!known.has(key.text.toLowerCase())) note(key, 'the key was not carried over', 'Look whether the rule needs it.')
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
  exceptions: Exceptions
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
      .replace(/\$(?!(?:match|number|word)\b)(?=[a-z])/g, '$ ')
      .replace(/\s+/g, ' ')
      .trim() || '“$match” is on a list of words to avoid.'
  )
}

/** Makes an entry of an expression, or says why there is none. */
function readToken(context: Context, at: Text, how = context.meaning, expression = at.text): void {
  const { draft, reading, inAllForms } = context
  reading.things++
  try {
    const { variants, unless } = without(formsOf(expression, at, context, how), context)
    draft.entries.push(entryOf(variants, at, inAllForms, { unless }))
  } catch (error) {
    leave(error, at, draft, reading)
  }
}

/**
 * What an expression stands for. Where not all of its alternatives can be said in words, those that can be come over, and
 * each of the others is told.
 *
 * @throws {ExpressionError} where none can be
 */
export function formsOf(
  expression: string,
  at: Text,
  { draft, reading }: Pick<Context, 'draft' | 'reading'>,
  meaning: Meaning,
): Variant[] {
  const left: Array<[error: ExpressionError, alternative: string]> = []
  const notes: string[] = []
  const variants = variantsOf(expression, {
    ...meaning,
    note: (difference) => notes.push(difference),
    leave: (error, alternative) => left.push([error, alternative]),
  })
  // once for the rule
  const contracted = 'short forms such as “we’re” and “isn’t” are found like the long ones, “we are” and “is not”'
  const isShortened = variants.some(({ words }) => words.some((word) => shortened.test(word)))
  if (isShortened && !reading.notes.some(({ path, problem }) => path === draft.path && problem === contracted))
    notes.push(contracted)
  for (const one of notes)
    reading.notes.push(faultOf({ ...at, value: at.text }, draft, one, 'Look what the rule finds.'))
  // alternatives that fail for one reason are told once
  const said = new Set<string>()
  for (const [error, text] of left) {
    if (said.has(text) || text === at.text) continue
    said.add(text)
    reading.things++
    leave(error, { ...at, text }, draft, reading)
  }
  return variants
}

/** Words that are written in short as well. */
const shortened = /^(?:am|are|have|will|not)$|n't$|'(?:re|ve|ll|m)$/

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
  const tokens = file.items(file.get('tokens')).flatMap((one) => {
    const text = file.text(one)
    if (text) return text
    reading.things++
    const at = { value: 'tokens', ...file.place(one) }
    reading.left.push(
      faultOf(at, draft, 'an item of it is no text', 'Put it between quotation marks: “: ” makes it a map.'),
    )
    return []
  })
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
      const { variants, unless } = without(formsOf(key.text, key, context, context.meaning), context)
      for (const variant of variants) {
        const rewrite = filled(better, variant)
        byRewrite.set(rewrite, [...(byRewrite.get(rewrite) ?? []), variant])
      }
      for (const [rewrite, alike] of byRewrite) {
        // alternatives are written with a | between them
        const rewrites = /[()[\]\\]/.test(rewrite.replaceAll('\\|', ''))
          ? [rewrite]
          : rewrite.split(/(?<!\\)\|/).map((one) => one.replaceAll('\\|', '|'))
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
export function filled(replacement: string, { words, groups }: Variant): string {
  const text = replacement.replace(/\$(\d)|\$\{(\d)\}/g, (_, one?: string, other?: string) => {
    const held = groups.get(Number(one ?? other)) ?? ''
    const open = { [sign.word]: '$word', [sign.number]: '$number' }[held.trim()]
    if (open && words.filter((word) => word === open).length === 1) return open
    return taken(held)
  })
  if (/(?<!\\)\\(?!\|)|\(\?|\$(?!(?:word|number)\b)[a-z]/.test(text))
    throw new ExpressionError('its replacement is an expression itself')
  // what had only to stand beside the words is found with them, and stays
  const kept = [groups.get(behind), text, groups.get(ahead)].flatMap((one) => (one === undefined ? [] : taken(one)))
  return kept.join('').trim()
}

/** A text that a replacement takes over. */
function taken(held: string): string {
  const text = held.replaceAll(sign.edge, '')
  if (/[\uE000-\uF8FF]/.test(text))
    throw new ExpressionError('its replacement takes over words that can be any', 'Write the rewrite by hand.')
  return text
}

/** What must not be found, and the guard that clears it. */
interface Exceptions {
  rows: Variant[]
  guard: GuardDraft
}

function exceptionsOf(file: YamlFile, draft: Draft, reading: Reading, meaning: Meaning): Exceptions {
  const rows: Variant[] = []
  for (const item of file.items(file.get('exceptions'))) {
    const exception = file.text(item)
    if (!exception) continue
    reading.things++
    // a single word is an exception in this case only, several words in any
    const isPhrase = /[ \t]|\\s/.test(exception.text)
    const bare = exception.text.replace(/^\(\?i\)/, '')
    if (!isPhrase && bare === exception.text && /^\p{Lu}.*\p{Ll}/u.test(bare) && !meaning.ignoreCase) {
      const problem = 'it is an exception with its capital only, and capitals make no difference to phrases'
      reading.notes.push(faultOf({ ...exception, value: exception.text }, draft, problem, 'Look what the rule finds.'))
    }
    try {
      const forms = variantsOf(exception.text, { ...meaning, ignoreCase: isPhrase })
      rows.push(...forms)
      if (!isPhrase && forms.some(({ words }) => words.length > 1)) {
        const problem = 'Vale leaves it alone where all of it is found, and the rule also where a part of it is'
        reading.notes.push(
          faultOf({ ...exception, value: exception.text }, draft, problem, 'Nothing needs to be done.'),
        )
      }
    } catch (error) {
      leave(error, exception, draft, reading)
    }
  }
  const guard: GuardDraft = {
    id: `${draft.id}-exceptions`,
    title: `${draft.title}: exceptions`,
    text: `Words that the rule [${draft.id}](../${draft.id}.md) leaves alone.`,
    where: ['within', 'around'],
    phrases: [...new Set(rows.map((row) => phraseOf([row], false)))],
  }
  return { rows, guard }
}

/**
 * Takes out the forms that hold an exception. Where a phrase leaves open which words it finds, where an exception is longer
 * than what is found and where a word before it makes it something else, a guard clears what is found; its name is given.
 */
function without(variants: Variant[], { draft, exceptions }: Context): { variants: Variant[]; unless: string[] } {
  const { rows, guard } = exceptions
  const spaced = ({ words }: Variant): string => ` ${words.join(' ')} `
  const kept = variants.filter((variant) => !rows.some((row) => spaced(variant).includes(spaced(row))))
  if (!kept.length) throw new ExpressionError('all that it finds is an exception', 'Nothing needs to be done.')
  const isGuarded = kept.some(
    (variant) =>
      variant.barred ||
      (rows.length && variant.words.some((word) => /^[$…]/.test(word))) ||
      rows.some((row) => {
        const [one, other] = [spaced(variant).toLowerCase(), spaced(row).toLowerCase()]
        return one.includes(other) || other.includes(one)
      }),
  )
  for (const { words, barred = [] } of kept)
    for (const before of barred)
      guard.phrases.push(phraseOf([{ words: [...before, ...words], groups: new Map() }], false))
  guard.phrases = [...new Set(guard.phrases)]
  if (isGuarded && !draft.guards.includes(guard)) draft.guards.push(guard)
  return { variants: kept, unless: isGuarded ? [guard.id] : [] }
}

/**
 * First one thing, then another: names that must be introduced in the document or, where the second has no group, words
 * that must stand beside the first. Names that are written out come over one by one.
 */
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
  const note = (at: Text, problem: string): void => {
    reading.notes.push(faultOf({ ...at, value: at.text }, draft, problem, 'Look what the rule finds.'))
  }
  let names: Variant[]
  let introductions: Variant[]
  try {
    names = without(formsOf(first.text, first, context, meaning), context).variants
  } catch (error) {
    leave(error, first, draft, reading)
    return
  }
  // phrases know no brackets: of “World Health Organization (WHO)” what stands before them is enough
  const brackets = /\\[()]/
  const before = reading.left.length
  try {
    const source = second.text.replace(new RegExp(brackets, 'g'), ' ')
    introductions = formsOf(source, second, context, { ...meaning, withinWords: false })
  } catch (error) {
    leave(error, second, draft, reading)
    return
  }
  const isWhole = reading.left.length === before
  const guardOf = (id: string, title: string, where: string[], variants: Variant[]): GuardDraft => ({
    ...{ id, title: `${draft.title}: ${title}`, where, phrases: [phraseOf(variants, inAllForms)] },
    text: `Where the document says these words, the rule [${draft.id}](../${draft.id}.md) is content.`,
  })
  if (!introductions.some(({ groups }) => groups.size)) {
    const id = `${draft.id}-answered`
    draft.guards.push(guardOf(id, 'answered', ['sentence', 'previous', 'next'], introductions))
    for (const name of names) draft.entries.push(entryOf([name], first, inAllForms, { unless: [id] }))
    reading.things += names.length - 1
    note(second, 'Vale looks for it in the same paragraph, and the rule in the same sentence and those beside it')
    return
  }
  const takenWords: string[] = []
  reading.things += names.length - 1
  for (const variant of names) {
    const name = variant.words.join(' ').toLowerCase()
    const leaveName = (problem: string, cure: string): void => {
      reading.left.push(faultOf({ ...first, value: variant.words.join(' ') }, draft, problem, cure))
    }
    const own = introductions
      .filter(({ groups }) => [...groups.values()].some((held) => taken(held).trim().toLowerCase() === name))
      .map(({ words, groups }) => ({
        words: words.slice(0, words.join(' ').toLowerCase().endsWith(` ${name}`) ? -variant.words.length : undefined),
        groups,
      }))
    const phrases = [...new Set(own.map(({ words }) => words.join(' ')))]
    if (!own.length && !isWhole) {
      leaveName('what introduces it did not come over', 'Write a rule by hand.')
      continue
    }
    if (!own.length) {
      note({ ...first, text: variant.words.join(' ') }, 'nothing in “second” introduces it, so it is always found')
      draft.entries.push(entryOf([variant], first, inAllForms))
      continue
    }
    if (phrases.some((one) => takenWords.includes(one))) {
      leaveName('“second” does not say which words introduce which name', 'Write a rule for each.')
      continue
    }
    takenWords.push(...phrases)
    const id = names.length === 1 ? `${draft.id}-introduced` : `${draft.id}-${idFrom(name)}`
    draft.guards.push(guardOf(id, `${variant.words.join(' ')} introduced`, ['document'], own))
    draft.entries.push(entryOf([variant], first, inAllForms, { unless: [id] }))
  }
  if (!draft.guards.some(({ where }) => where.includes('document'))) return
  note(second, 'Vale wants it before the name, and the rule anywhere in the document')
  if (brackets.test(second.text)) note(second, 'phrases know no brackets, so what stands before them is enough')
}
