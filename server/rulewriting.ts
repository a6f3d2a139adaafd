import {
  type ClientCapabilities,
  type CompletionItem,
  CompletionItemKind,
  type Hover,
  MarkupKind,
  type Position,
  type Range,
} from 'vscode-languageserver'
import type { TextDocument } from 'vscode-languageserver-textdocument'
import type { RuleFileAt } from '../engine/disk.ts'
import { explainPhrase } from '../engine/explain.ts'
import { PhraseError, parsePhrase } from '../engine/phrase.ts'
import {
  type GuardFile,
  guardNamed,
  type guardSchema,
  places,
  type RuleFile,
  roles,
  type ruleSchema,
  units,
  type VocabularyFile,
  type vocabularySchema,
} from '../engine/rulefile.ts'
import { severities } from '../engine/severity.ts'
import { builtInVocabularies } from '../engine/vocabularies.ts'
import { escapeMarkdown } from './hover.ts'

type Keys = Record<string, string>

const ruleKeys: Record<keyof typeof ruleSchema.entries, string> = {
  severity: 'How much a finding weighs: `error`, `warning` or `info`.',
  message: 'One sentence: what it is, and what it does to the reader. `$match` is the words found.',
  phrases: 'What to look for, a line each; words are found in all their forms.',
  rewrites: 'What could stand in place of the words found. `[words]` are for the author to fill in.',
  unless: 'Nothing is found where one of these stands in the same sentence: phrases, or names of guards.',
  needs: 'One of these must stand in the same sentence: phrases, or names of guards.',
  despite: 'Guards that hold for every rule, and not for this one.',
  safe: 'The first rewrite changes no meaning: `silolint --fix` makes it without asking.',
  in: 'Only in texts of these roles, such as `purpose` or `procedure`.',
  unit: 'The rule looks at each `objective` or `measure` as a whole, for what is missing there.',
  lacks: 'With `unit`: found where none of these stands in the unit.',
}
const groupKeys: Keys = {
  name: 'What these phrases are called. A comment can switch them off by it: `rule-id:name`.',
  phrases: 'What to look for, a line each.',
  rewrites: 'What could stand in place of these phrases, instead of the rewrites of the rule.',
  unless: 'What else makes these phrases no finding.',
  needs: 'What else must stand beside these phrases.',
  despite: ruleKeys.despite,
  safe: ruleKeys.safe,
  severity: 'How much a finding of these phrases weighs, instead of the severity of the rule.',
  message: 'What to say of these phrases, instead of the message of the rule.',
}
const guardKeys: Record<keyof typeof guardSchema.entries, string> = {
  where: 'Where the guard looks for its phrases, as seen from the words found.',
  phrases: 'What clears a finding, a line each.',
  in: 'Clears texts of these roles as a whole.',
  replaces: 'Takes the place of the guard of this name that there is already, instead of adding phrases to it.',
  quoted: 'Clears words between quotation marks.',
  always: 'Holds for every rule of phrases, named there or not.',
  weakens: 'The finding stays, as information.',
}
const vocabularyKeys: Record<keyof typeof vocabularySchema.entries, string> = {
  replaces: 'Takes the place of the vocabulary of this name that there is already, instead of adding words to it.',
}
const placesSaid: Record<(typeof places)[number], string> = {
  before: 'before the words found',
  clause: 'before the words found, in the same clause',
  after: 'after the words found',
  within: 'inside the words found',
  sentence: 'elsewhere in the sentence',
  next: 'in the next sentence',
  previous: 'in the sentence before',
  heading: 'in the headings above',
  around: 'over all the words found',
  document: 'anywhere in the document',
}
const formsSaid: Keys = { ed: 'sent', ing: 'sending', s: 'sends', base: 'send' }
const classesSaid: Keys = {
  name: 'capitalised words',
  number: 'a number',
  participle: 'a word in -ed',
  link: 'a link, an address or a phone number',
  code: 'a code',
  word: 'any one word',
}
/** The keys whose values are phrases. */
const phraseKeys = ['phrases', 'unless', 'needs', 'lacks']
/** Of these the ones that take guards as well. */
const conditionKeys = ['unless', 'needs', 'lacks']

/**
 * What can be written at a place of a rule file, with the text it replaces.
 *
 * @param trigger the character that made the editor ask, if any
 */
export function completeRuleFile(
  document: TextDocument,
  position: Position,
  file: RuleFileAt,
  trigger?: string,
): CompletionItem[] {
  const spot = spotAt(document, position)
  const { line, character } = position
  const item = (
    label: string,
    kind: CompletionItemKind,
    detail: string | undefined,
    typed: string,
    newText = label,
  ): CompletionItem => {
    const range: Range = { start: { line, character: character - typed.length }, end: position }
    return { label, kind, ...(detail ? { detail } : {}), filterText: label, textEdit: { range, newText } }
  }
  const before = spot.before
  const end = (pattern: RegExp): string => pattern.exec(before)?.[0] ?? ''
  const word = end(/[\w-]*$/)

  const vocabularies = (): CompletionItem[] => [
    ...vocabulariesOf(file).map(({ id, title }) =>
      item(`$${id}`, CompletionItemKind.Variable, title, end(/\$[a-z0-9-]*$/)),
    ),
    ...builtInVocabularies.map((id) =>
      item(`$${id}`, CompletionItemKind.Variable, classesSaid[id], end(/\$[a-z0-9-]*$/)),
    ),
  ]
  const inPhrase = (): CompletionItem[] => {
    if (/\$[a-z0-9-]*$/.test(before)) return vocabularies()
    if (/[\p{L}]\+[a-z]*$/u.test(before))
      return Object.entries(formsSaid).map(([form, example]) =>
        item(`+${form}`, CompletionItemKind.EnumMember, `as in ${example}`, end(/\+[a-z]*$/)),
      )
    return []
  }
  const words = (list: readonly string[], said: Keys = {}): CompletionItem[] =>
    list.map((one) => item(one, CompletionItemKind.EnumMember, said[one], word))
  const guards = (): CompletionItem[] =>
    guardsOf(file).map(({ id, title }) => item(id, CompletionItemKind.Reference, title, word))

  if (spot.at === 'bullet') return isList(file) ? inPhrase() : []
  if (spot.at === 'heading' && file.kind === 'sector')
    return vocabulariesOf(file).map(({ id, title }) => item(id, CompletionItemKind.Variable, title, word))
  if (spot.at === 'key') {
    const known = keysFor(file, spot.keys)
    const taken = spot.siblings
    return Object.entries(known)
      .filter(([key]) => !taken.includes(key))
      .map(([key, said]) => item(key, CompletionItemKind.Property, said.replaceAll('`', ''), word, `${key}: `))
  }
  if (spot.at === 'elsewhere') {
    // a page names another rule as code; what stands before an odd mark is no code any more
    const start = { line, character: 0 }
    const [, named] = /^[^`]*(?:`[^`]*`[^`]*)*`([\w/-]*)$/.exec(document.getText({ start, end: position })) ?? []
    return named === undefined
      ? []
      : rulesOf(file).map(({ id, title }) => item(id, CompletionItemKind.Reference, title, named))
  }
  if (spot.at !== 'value') return []
  const key = spot.keys.at(-1) ?? ''
  if (['rewrites', 'message'].includes(key)) {
    if (!/\$[a-z0-9-]*$/.test(before)) return []
    return capturedIn(document.getText()).map((name) =>
      item(name, CompletionItemKind.Variable, undefined, end(/\$[a-z0-9-]*$/)),
    )
  }
  if (key === 'severity') return words(severities)
  if (key === 'unit') return words(units)
  if (key === 'where') return words(places, placesSaid)
  if (key === 'in') return words(roles)
  if (['safe', 'quoted', 'always', 'weakens', 'replaces'].includes(key)) return words(['true', 'false'])
  if (key === 'despite')
    return guards().filter(({ label }) => guardsOf(file).some((one) => one.id === label && one.always))
  if (!phraseKeys.includes(key)) return []
  const phrase = inPhrase()
  if (phrase.length) return phrase
  // a guard is the whole value; a phrase has blanks
  if (conditionKeys.includes(key) && /^[a-z/-]*$/.test(before)) return guards()
  // below "phrases", a line may open a group instead of being a phrase, which it seldom does
  if (trigger !== ' ' && spot.isItem && spot.keys.length === 1 && key === 'phrases' && /^[a-z]*$/.test(before))
    return (['name', 'phrases'] as const).map((one) =>
      item(one, CompletionItemKind.Property, groupKeys[one], word, `${one}: `),
    )
  return []
}

/** What stands at a place of a rule file, in plain words: a key, a guard or a phrase. */
export function hoverRuleFile(
  document: TextDocument,
  position: Position,
  file: RuleFileAt,
  client: ClientCapabilities,
): Hover | null {
  const spot = spotAt(document, position)
  const isMarkdown = client.textDocument?.hover?.contentFormat?.includes(MarkupKind.Markdown)
  const say = (value: string, start: number, end: number): Hover => ({
    contents: isMarkdown ? { kind: MarkupKind.Markdown, value } : { kind: MarkupKind.PlainText, value: plain(value) },
    range: { start: { line: position.line, character: start }, end: { line: position.line, character: end } },
  })
  if (spot.at === 'key') {
    const [key] = [spot.value]
    const said = keysFor(file, spot.keys)[key]
    return said ? say(`\`${key}\`: ${said}`, spot.start, spot.end) : null
  }
  if (spot.at !== 'value' && !(spot.at === 'bullet' && isList(file))) return null
  const { value, start, end } = spot
  const key = spot.at === 'bullet' ? 'phrases' : (spot.keys.at(-1) ?? '')
  if (key === 'where') {
    const said = (placesSaid as Keys)[value]
    return said ? say(`Looks ${said}.`, start, end) : null
  }
  const known = guardsOf(file)
  const name = guardNamed(
    value,
    file.id,
    known.map(({ id }) => id),
  )
  const guard = [...conditionKeys, 'despite'].includes(key) && known.find(({ id }) => id === name)
  if (guard) return say(`**${escapeMarkdown(guard.title)}** (guard): ${sayGuard(guard)}`, start, end)
  if (!phraseKeys.includes(key) || value === '') return null
  try {
    const titles = new Map(vocabulariesOf(file).map(({ id, title }) => [id, title]))
    const said = [`Finds ${escapeMarkdown(explainPhrase(parsePhrase(value), (name) => titles.get(name)))}.`]
    // the vocabulary that the pointer is on, with what is in it
    const name = [...value.matchAll(/\$([a-z][a-z0-9-]*)/g)].find(
      ({ index, 0: { length } }) => start + index <= position.character && position.character <= start + index + length,
    )?.[1]
    const vocabulary = vocabulariesOf(file).find(({ id }) => id === name)
    if (vocabulary) said.push(sayVocabulary(vocabulary))
    return say(said.join('\n\n'), start, end)
  } catch (error) {
    // what is wrong with it is told by the diagnostic
    if (error instanceof PhraseError) return null
    throw error
  }
}

/** Without the little markup that hovers have. */
const plain = (text: string): string => text.replace(/\*\*|`/g, '').replace(/\\(.)/g, '$1')

function sayGuard({ where, phrases, roles, quoted, always, weakens }: GuardFile): string {
  const clears = [
    ...(phrases.length
      ? [
          `where ${phrases.length === 1 ? `${code(phrases[0]?.text ?? '')} stands` : `one of ${phrases.length} phrases stands`} ${listed(where.map((one) => placesSaid[one]))}`,
        ]
      : []),
    ...(roles.length ? [`in texts of the role ${listed(roles)}`] : []),
    ...(quoted ? ['between quotation marks'] : []),
  ]
  return `${weakens ? 'makes a finding information' : 'clears a finding'} ${listed(clears)}${always ? '; it holds for every rule' : ''}.`
}

const shownEntries = 12

function sayVocabulary({ id, title, entries }: VocabularyFile): string {
  const shown = entries.slice(0, shownEntries).map(({ text }) => code(text))
  const rest = entries.length - shown.length
  return `**${escapeMarkdown(title)}** (\`$${id}\`): ${shown.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
}

/** No text of a team's own ends its code: what follows would be markup. */
const code = (text: string): string => `\`${text.replaceAll('`', '’')}\``

const listed = (texts: readonly string[]): string =>
  texts.length < 2 ? texts.join('') : `${texts.slice(0, -1).join(', ')} or ${texts.at(-1)}`

/** The vocabularies in force; those of one name add up, as they do where they are used. */
function vocabulariesOf({ layers }: RuleFileAt): VocabularyFile[] {
  const found = new Map<string, VocabularyFile>()
  for (const one of layers.flatMap(({ vocabularies }) => vocabularies)) {
    const below = one.replaces ? undefined : found.get(one.id)
    found.set(one.id, below ? { ...below, entries: [...below.entries, ...one.entries] } : one)
  }
  return [...found.values()]
}

/** The rules in force; of those of one id the last. */
const rulesOf = ({ layers }: RuleFileAt): RuleFile[] => [
  ...new Map(layers.flatMap(({ rules }) => rules).map((rule) => [rule.id, rule])).values(),
]

/** The guards in force; a later one of a name adds phrases and changes nothing else. */
function guardsOf({ layers }: RuleFileAt): GuardFile[] {
  const found = new Map<string, GuardFile>()
  for (const one of layers.flatMap(({ guards }) => guards)) {
    const below = one.replaces ? undefined : found.get(one.id)
    found.set(one.id, below ? { ...below, phrases: [...below.phrases, ...one.phrases] } : one)
  }
  return [...found.values()]
}

/** Whether the bullets of a file are phrases. */
const isList = ({ kind }: RuleFileAt): boolean => kind !== 'rule' && kind !== 'guard'

/** The keys that there are below others. */
function keysFor({ kind }: RuleFileAt, keys: readonly string[]): Keys {
  if (kind === 'guard') return keys.length ? {} : guardKeys
  if (kind === 'vocabulary') return keys.length ? {} : vocabularyKeys
  if (kind !== 'rule') return {}
  if (!keys.length) return ruleKeys
  return keys.length === 1 && keys[0] === 'phrases' ? groupKeys : {}
}

/** What messages and rewrites of a file can carry over: the words found and the vocabularies that its phrases name. */
function capturedIn(text: string): string[] {
  const names = [...text.matchAll(/\$[a-z][a-z0-9-]*/g)].map(([name]) => name)
  return [...new Set(['$match', ...(/^unit:/m.test(text) ? ['$statement'] : []), ...names])]
}

/** What a place in a rule file is for. */
interface Spot {
  at: 'key' | 'value' | 'bullet' | 'heading' | 'elsewhere'
  /** The keys that a key or value stands below, the outermost first; the numbers of list items are left out. */
  keys: string[]
  /** A value is an item of a list that is written a line each. */
  isItem: boolean
  /** The keys that stand beside a key. */
  siblings: string[]
  /** The key or value, without its quotation marks, and where on the line it stands. */
  value: string
  start: number
  end: number
  /** What of it stands before the place. */
  before: string
}

/**
 * What a place is for, from the indentation of the lines above it: while somebody writes, the front matter is no valid
 * YAML most of the time.
 */
function spotAt(document: TextDocument, { line, character }: Position): Spot {
  const lines = document
    .getText()
    .replace(/^\uFEFF/, '')
    .split(/\r\n?|\n/)
  const text = lines[line] ?? ''
  const nowhere: Spot = {
    ...{ at: 'elsewhere', keys: [], isItem: false, siblings: [], value: '', start: character, end: character },
    before: '',
  }
  const spot = (at: Spot['at'], start: number, end: number, more: Partial<Spot> = {}): Spot => ({
    ...nowhere,
    ...{ at, start, end, value: text.slice(start, end), before: text.slice(start, Math.max(start, character)) },
    ...more,
  })
  const close = /^---[ \t]*$/.test(lines[0] ?? '') ? lines.findIndex((one, at) => at > 0 && /^---[ \t]*$/.test(one)) : 0
  const isFront = line > 0 && (close < 0 || line < close)
  if (!isFront) {
    const bullet = /^[-*][ \t]+/.exec(text)
    if (bullet && character >= bullet[0].length) return spot('bullet', bullet[0].length, text.trimEnd().length)
    const heading = /^##[ \t]+/.exec(text)
    if (heading && character >= heading[0].length) return spot('heading', heading[0].length, text.trimEnd().length)
    return nowhere
  }
  const { openings, rest } = openingsOf(text)
  const first = openings[0]
  const parents = keysAbove(lines, line, first?.column ?? rest, first !== undefined && first.key === undefined)
  const own = openings.find(({ key }) => key !== undefined)
  if (own?.key !== undefined && character <= own.column + own.key.length) {
    return spot('key', own.column, own.column + own.key.length, { keys: parents.keys })
  }
  const isItem = first !== undefined && first.key === undefined && own === undefined
  const keys = own?.key === undefined ? parents.keys : [...parents.keys, own.key]
  const isPlain = /^[a-z]*$/i.test(text.slice(rest).trim())
  const opensKey = !openings.length && isPlain && (rest === 0 || (parents.isGroup && keys.length === 1))
  if (opensKey) {
    return spot('key', rest, text.trimEnd().length < rest ? rest : text.trimEnd().length, {
      keys: rest === 0 ? [] : keys,
      siblings: rest === 0 ? topKeys(lines, close) : parents.siblings,
    })
  }
  const { start, end } = valueAround(text, rest, character, parents.isFlow)
  return spot('value', start, end, { keys, isItem })
}

/** The dashes and the key that a line opens with, and where what follows them begins. */
function openingsOf(text: string): { openings: Array<{ column: number; key?: string }>; rest: number } {
  const openings: Array<{ column: number; key?: string }> = []
  let at = /^[ \t]*/.exec(text)?.[0].length ?? 0
  for (let dash = /^-(?:[ \t]+|$)/.exec(text.slice(at)); dash; dash = /^-(?:[ \t]+|$)/.exec(text.slice(at))) {
    openings.push({ column: at })
    at += dash[0].length
  }
  const key = /^([A-Za-z][\w-]*)[ \t]*:(?:[ \t]+|$)/.exec(text.slice(at))
  if (key) {
    openings.push({ column: at, key: key[1] as string })
    at += key[0].length
  }
  return { openings, rest: at }
}

/** The keys that what stands at a column of a line is below. */
function keysAbove(
  lines: readonly string[],
  line: number,
  column: number,
  isDash: boolean,
): { keys: string[]; isGroup: boolean; isFlow: boolean; siblings: string[] } {
  const keys: string[] = []
  const siblings: string[] = []
  let isGroup = false
  let isFlow = false
  let limit = column
  // a list may stand as far out as its key
  let same = isDash
  for (let above = line - 1; above > 0 && (limit > 0 || same); above--) {
    const text = lines[above] as string
    if (/^\s*(?:#|$)/.test(text)) continue
    const { openings, rest } = openingsOf(text)
    for (const opening of openings.toReversed()) {
      if (opening.key !== undefined && opening.column === column && !keys.length && !isDash) siblings.push(opening.key)
      if (opening.column > limit || (opening.column === limit && !(same && opening.key !== undefined))) continue
      if (opening.key === undefined) {
        // what stands beside a key behind a dash is of the same group
        isGroup ||= !keys.length && openings.at(-1)?.key !== undefined && openings.at(-1)?.column === column
        same = true
      } else {
        keys.unshift(opening.key)
        isFlow ||= keys.length === 1 && text.slice(rest).startsWith('[') && !text.includes(']')
        same = false
      }
      limit = opening.column
    }
  }
  return { keys, isGroup, isFlow, siblings }
}

const topKeys = (lines: readonly string[], close: number): string[] =>
  lines.slice(1, close < 0 ? undefined : close).flatMap((text) => /^([A-Za-z][\w-]*)[ \t]*:/.exec(text)?.[1] ?? [])

/** The value on a line around a place, without its quotation marks: an item where a list stands in brackets. */
function valueAround(text: string, from: number, character: number, isFlow: boolean): { start: number; end: number } {
  let start = from
  let end = text.trimEnd().length
  if (isFlow || text[from] === '[') {
    if (text[from] === '[') start++
    if (text[end - 1] === ']') end--
    let quote = ''
    let stop = end
    for (let at = start; at < end; at++) {
      const one = text[at] as string
      if (quote) quote = one === quote ? '' : quote
      else if (one === '"' || one === "'") quote = one
      else if (one === ',') {
        if (at >= character) {
          stop = at
          break
        }
        start = at + 1
      }
    }
    end = stop
    while (start < end && text[start] === ' ') start++
    while (end > start && text[end - 1] === ' ') end--
  }
  const quote = text[start]
  if ((quote === '"' || quote === "'") && end > start) {
    if (end - 1 > start && text[end - 1] === quote) end--
    start++
  }
  return { start: Math.min(start, Math.max(start, end)), end: Math.max(start, end) }
}
