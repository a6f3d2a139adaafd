import { basename, dirname, extname, resolve } from 'node:path'
import { type Draft, faultOf, type Reading } from './draft.ts'
import { ExpressionError, phraseOf, sampleOf, sign, type Variant } from './expression.ts'
import { idFrom, type Text, titleFrom, YamlFile } from './file.ts'
import { entryOf, filled, formsOf, leave } from './vale.ts'

/** Whether a file is one of prh, which textlint-rule-prh reads. */
export const isPrh = (file: YamlFile): boolean =>
  file.items(file.get('rules')).length > 0 || file.get('imports') !== undefined

/** How a file of prh is read. */
export interface PrhOptions {
  inAllForms: boolean
  /** Reads a file that is imported: its text, or what is wrong with it. */
  open: (path: string) => Promise<string | { problem: string }>
  /** The files that were read already, by their paths; files that are read are added. */
  read: Set<string>
}

/** What an import asks for, and what was imported so far. */
interface Imported {
  /** Files that import one another, outermost first. */
  chain: string[]
  /** What is expected by rules that came before: prh drops those of imports that expect the same. */
  expected: Set<string>
  ignored: Array<{ pattern?: string; expected?: string }>
  isFinal: boolean
}

/** Reads a file of prh, and the files that it imports, each into a draft of its own. */
export async function readPrh(file: YamlFile, reading: Reading, options: PrhOptions): Promise<void> {
  await readFile(file, reading, options, { chain: [file.path], expected: new Set(), ignored: [], isFinal: false })
}

async function readFile(file: YamlFile, reading: Reading, options: PrhOptions, how: Imported): Promise<void> {
  const { path } = file
  options.read.add(path)
  const own = basename(path, extname(path))
  const id = idFrom(/^prh$/i.test(own) ? `${basename(dirname(path))} prh` : own) || 'imported'
  const draft: Draft = {
    id,
    path,
    title: titleFrom(id),
    note: `Words that a house style writes in another way.\n\nIt comes from the prh file ${basename(path)}.`,
    severity: 'warning',
    message: '“$match” is written in another way here.',
    entries: [],
    guards: [],
    specs: [],
  }
  for (const { key } of file.entries())
    if (!/^(?:version|imports|rules)$/.test(key.text)) {
      const problem = 'the key was not carried over, and the rule looks at all prose'
      const cure = 'See "overrides" in the configuration, which says where a rule counts.'
      reading.notes.push(faultOf({ ...key, value: key.text }, draft, problem, cure))
    }
  const expected = new Set(how.expected)
  for (const item of file.items(file.get('rules'))) {
    const wanted = file.text(item)?.text ?? file.text(file.get('expected', item))?.text
    if (wanted !== undefined && how.expected.has(wanted)) continue
    if (isIgnored(file, item, how)) continue
    if (wanted !== undefined) expected.add(wanted)
    readRule(file, item, draft, reading, options.inAllForms)
  }
  if (draft.entries.length) reading.drafts.push(draft)
  if (!how.isFinal)
    for (const item of file.items(file.get('imports'))) await follow(file, item, draft, reading, options, how, expected)
}

/** Whether the file that imports this one leaves a rule out. */
function isIgnored(file: YamlFile, item: unknown, { ignored }: Imported): boolean {
  const expected = file.text(item)?.text ?? file.text(file.get('expected', item))?.text
  const patterns = patternsOf(file, item).map(({ text }) => text)
  // prh compares with the expression as it has put it together, which ends in its own flags
  const bare = (text: string): string => text.replace(/^\/(.*)\/[a-z]*$/s, '$1')
  return ignored.some((one) =>
    one.expected !== undefined
      ? one.expected === expected
      : one.pattern !== undefined && patterns.some((text) => bare(text) === bare(one.pattern as string)),
  )
}

async function follow(
  file: YamlFile,
  item: unknown,
  draft: Draft,
  reading: Reading,
  options: PrhOptions,
  { chain }: Imported,
  expected: Set<string>,
): Promise<void> {
  const at = file.text(item) ?? file.text(file.get('path', item))
  const told = (problem: string, cure: string): void => {
    reading.things++
    const place = at ? { ...at, value: at.text } : { value: '', ...file.place(item) }
    reading.left.push(faultOf(place, draft, problem, cure))
  }
  if (!at) {
    told('an import needs a path', 'Write the path of a prh file.')
    return
  }
  const path = resolve(dirname(file.path), at.text)
  if (chain.includes(path)) {
    const circle = [...chain.slice(chain.indexOf(path)), path].map((one) => basename(one)).join(' → ')
    told(`files import one another in a circle: ${circle}`, 'Take one of the imports out.')
    return
  }
  const ignored = file.items(file.get('ignoreRules', item)).map((one) => {
    const pattern = file.text(one)?.text ?? file.text(file.get('pattern', one))?.text
    const wanted = file.text(file.get('expected', one))?.text
    return { ...(pattern !== undefined && { pattern }), ...(wanted !== undefined && { expected: wanted }) }
  })
  if (options.read.has(path)) {
    if (ignored.length) {
      const cure = 'Look whether those that are ignored came over.'
      const problem = 'the file was read already, with all of its rules'
      reading.notes.push(faultOf({ ...at, value: at.text }, draft, problem, cure))
    }
    return
  }
  const source = await options.open(path)
  if (typeof source !== 'string') {
    told(`the import cannot be read: ${source.problem}`, 'Check the path; it counts from the folder of this file.')
    return
  }
  const imported = new YamlFile(path, source)
  const [fault] = imported.faults
  if (fault) {
    told(`the import cannot be read: line ${fault.line}: ${fault.problem}`, 'Mend it first.')
    return
  }
  const isFinal = file.text(file.get('disableImports', item))?.text === 'true'
  await readFile(imported, reading, options, { chain: [...chain, path], expected, ignored, isFinal })
}

const patternsOf = (file: YamlFile, item: unknown): Text[] =>
  ['pattern', 'patterns'].flatMap((key) => file.items(file.get(key, item))).flatMap((one) => file.text(one) ?? [])

function readRule(file: YamlFile, item: unknown, draft: Draft, reading: Reading, inAllForms: boolean): void {
  const short = file.text(item)
  if (short) {
    reading.things++
    leave(alike(), short, draft, reading)
    return
  }
  const expected = file.text(file.get('expected', item))
  const patterns = patternsOf(file, item)
  const wanted = expected?.text ?? ''
  if (!patterns.length) {
    reading.things++
    const at: Text = expected ?? { text: '', ...file.place(item) }
    leave(expected ? alike() : new ExpressionError('it says neither "pattern" nor "expected"'), at, draft, reading)
    return
  }
  const said = file.text(file.get('prh', item))?.text
  const must = file.text(file.get('regexpMustEmpty', item))
  const empty = /^\$(\d+)$/.exec(must?.text ?? '')?.[1]
  if (must && !empty)
    reading.notes.push(
      faultOf({ ...must, value: must.text }, draft, 'it names no group, such as $1', 'Look what the rule finds.'),
    )
  const wordBoundary = file.text(file.get('wordBoundary', file.get('options', item)))?.text === 'true'
  const before = draft.entries.length
  const isAnyCase = patterns.map(({ text }) => /^\/.*\/[a-z]*i[a-z]*$/s.test(text))
  if (new Set(isAnyCase).size > 1)
    reading.notes.push(
      faultOf(
        { ...(patterns[isAnyCase.lastIndexOf(true)] as Text), value: 'i' },
        draft,
        'prh does not take patterns with and without the flag “i” in one rule',
        'Nothing needs to be done: capitals make no difference to phrases.',
      ),
    )
  // prh puts its patterns together, so groups are counted through all of them
  let counted = 0
  for (const at of patterns) {
    reading.things++
    try {
      const [, expression, flags = ''] = /^\/(.*)\/([a-z]*)$/s.exec(at.text) ?? []
      if (/[^gimy]/.test(flags))
        throw new ExpressionError(
          `prh does not know the flags “${flags}” and takes it for plain text`,
          'Mend the flags.',
        )
      const meaning = { ignoreCase: flags.includes('i'), withinWords: false }
      const source = expression ?? at.text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
      const forms = formsOf(source, at, { draft, reading }, meaning).map((variant) => ({
        ...variant,
        groups: new Map([...variant.groups].map(([number, held]) => [number > 0 ? number + counted : number, held])),
      }))
      counted += groupsIn(source)
      const held = ({ groups }: Variant): string => (groups.get(Number(empty)) ?? '').replaceAll(sign.edge, '')
      const variants = empty ? forms.filter((variant) => !held(variant)) : forms
      if (!variants.length) throw new ExpressionError(`${must?.text} is never empty, so prh finds nothing`)
      const barred = forms
        .filter((variant) => !variants.includes(variant))
        .map((variant) => phraseOf([{ words: variant.words, groups: new Map() }], false))
        .concat(
          variants.flatMap(({ words, barred = [] }) =>
            barred.map((row) => phraseOf([{ words: [...row, ...words], groups: new Map() }], false)),
          ),
        )
      const unless = barred.length ? [guardFor(draft, variants, barred)] : []
      const byRewrite = new Map<string, Variant[]>()
      for (const variant of variants) {
        const rewrite = filled(wanted, variant)
        byRewrite.set(rewrite, [...(byRewrite.get(rewrite) ?? []), variant])
      }
      for (const [rewrite, some] of byRewrite)
        draft.entries.push(
          entryOf(some, at, inAllForms, {
            unless,
            rewrites: rewrite ? [rewrite] : [],
            message: said
              ? said.replace(/\s+/g, ' ').trim()
              : rewrite
                ? `“$match” is written “${rewrite}” here.`
                : 'Leave out “$match”.',
          }),
        )
      reading.things += byRewrite.size - 1
      if (!meaning.ignoreCase && variants.some(({ words }) => words.some((word) => /\p{Ll}/u.test(word))))
        noteOnce(draft, reading, at, 'prh minds capitals where a pattern has no flag “i”, and phrases do not')
      if (!wordBoundary && !/^(?:\\b|\(\?<!).*(?:\\b|\(\?![^)]*\))$/s.test(source))
        noteOnce(
          draft,
          reading,
          at,
          'prh finds parts of words where “wordBoundary” is not set, and phrases whole words',
        )
    } catch (error) {
      leave(error, at, draft, reading)
    }
  }
  if (draft.entries.length === before) return
  for (const spec of file.items(file.get('specs', item))) {
    const from = file.text(file.get('from', spec))
    const to = file.text(file.get('to', spec))
    if (!from || !to) continue
    const plain = (text: string): string => text.replace(/\s+/g, ' ').trim()
    draft.specs?.push({ ...from, from: plain(from.text), to: plain(to.text) })
  }
}

/** A guard for the words around which a rule of prh does not count; gives its name. */
function guardFor(draft: Draft, variants: readonly Variant[], phrases: string[]): string {
  const what = variants[0] ? sampleOf(variants[0]) : ''
  const name = idFrom(what).slice(0, 40).replace(/-$/, '') || 'words'
  let id = `${draft.id}-except-${name}`
  for (let number = 2; draft.guards.some((guard) => guard.id === id); number++)
    id = `${draft.id}-except-${name}-${number}`
  draft.guards.push({
    id,
    title: `${draft.title}: ${what} left alone`,
    text: `Words that the rule [${draft.id}](../${draft.id}.md) leaves alone.`,
    where: ['around'],
    phrases: [...new Set(phrases)],
  })
  return id
}

/** How many groups an expression counts. */
const groupsIn = (source: string): number =>
  source.replace(/\\.|\[(?:\\.|[^\]])*\]/gs, '').match(/\((?!\?)|\(\?<(?![=!])/g)?.length ?? 0

/** Says of a file once what holds for several of its rules. */
function noteOnce(draft: Draft, reading: Reading, at: Text, problem: string): void {
  if (reading.notes.some((note) => note.path === draft.path && note.problem === problem)) return
  const cure = 'Nothing needs to be done, unless it was about that.'
  reading.notes.push(faultOf({ ...at, value: at.text }, draft, problem, cure))
}

/** A rule whose only news is how a word is capitalised or hyphenated. */
const alike = (): ExpressionError =>
  new ExpressionError(
    'it is about capitals, hyphens or the width of letters, and these make no difference to phrases',
    'Leave this to a spelling checker.',
  )
