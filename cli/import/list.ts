import { basename, dirname, extname } from 'node:path'
import { type Draft, faultOf, type Reading } from './draft.ts'
import { ExpressionError, type Variant } from './expression.ts'
import { idFrom, type Text, titleFrom, YamlFile } from './file.ts'
import { entryOf, filled, formsOf, leave, messageFrom } from './vale.ts'

/** A word to avoid, and what to write in its place. */
interface Item {
  worse: Text
  better?: string
}

/** A draft for a list of words, named after its file. */
const draftOf = (path: string): Draft => {
  const own = idFrom(basename(path, extname(path)))
  const id = (/^(?:init|check|reject)$/.test(own) ? idFrom(basename(dirname(path))) : own) || 'imported'
  return {
    id,
    path,
    title: titleFrom(id),
    note: `Words that a house style asks for in another way.\n\nIt comes from the list ${basename(path)}.`,
    severity: 'warning',
    message: '“$match” is on a list of words to avoid.',
    entries: [],
    guards: [],
  }
}

/** A vocabulary of Vale: words that are right whatever its rules say, or regular expressions for words to avoid. */
const vocabulary = /[\\/]vocab(?:ularies)?[\\/][^\\/]+[\\/](accept|reject)\.txt$/i

/**
 * Reads a list of words to avoid: a line for each, or with what to write instead behind an arrow or a tab:
 * `utilise -> use`. Lines that begin with # are comments.
 */
export function readLines(path: string, source: string, reading: Reading, inAllForms: boolean): void {
  const draft = draftOf(path)
  const kind = vocabulary.exec(path)?.[1]?.toLowerCase()
  if (kind === 'accept') {
    reading.things++
    const problem = 'its words are exceptions to all of Vale’s rules, and rules know exceptions of their own only'
    const cure = 'Add them to "unless" of the rules that find them.'
    reading.left.push(faultOf({ line: 1, column: 1, value: basename(path) }, draft, problem, cure))
    return
  }
  for (const [index, line] of source.split(/\r\n?|\n/).entries()) {
    const text = line.trim()
    if (!text || text.startsWith('#')) continue
    const cut = kind ? null : /->|=>|→|\t/.exec(text)
    const worse = {
      text: cut ? text.slice(0, cut.index).trim() : text,
      line: index + 1,
      column: line.indexOf(text) + 1,
    }
    add(
      { worse, ...(cut && { better: text.slice(cut.index + cut[0].length).trim() }) },
      draft,
      reading,
      inAllForms,
      !kind,
    )
  }
  if (draft.entries.length) reading.drafts.push(draft)
}

/** Reads lists as proselint has them, in a JSON or YAML file: texts, and pairs of the better and a list of the worse. */
export function readList(file: YamlFile, reading: Reading, inAllForms: boolean): void {
  const draft = draftOf(file.path)
  for (const item of itemsOf(file, file.list)) add(item, draft, reading, inAllForms, false)
  if (draft.entries.length) reading.drafts.push(draft)
}

/** Reads the lists in a check of proselint, a program in Python: its literal lists and maps, which are data. */
export function readPython(path: string, source: string, reading: Reading, inAllForms: boolean): void {
  const draft = draftOf(path)
  const message = /^\s*msg(?::\s*str)?\s*=\s*(["'])(.*)\1\s*$/m.exec(source)?.[2]
  if (message) draft.message = messageFrom(message.replaceAll('{}', '%s').replaceAll('\\', ''))
  let found = 0
  let line = 1
  let counted = 0
  for (const { from, text } of literals(source)) {
    line += source.slice(counted, from).split('\n').length - 1
    counted = from
    // Python's lists are those of YAML, but for texts in which a backslash stands for itself
    const yaml = text.replace(
      /\b[rR]"((?:[^"\\\n]|\\.)*)"|\b[rR]'((?:[^'\\\n]|\\.)*)'/g,
      (_, one?: string, two?: string) => `'${(one ?? two ?? '').replaceAll("'", "''")}'`,
    )
    const file = new YamlFile(path, yaml, line)
    if (file.faults.length) continue
    const items = file.list.length
      ? itemsOf(file, file.list)
      : file.entries().flatMap(({ key, value }) => {
          const better = file.text(value)?.text
          return better === undefined ? [] : [{ worse: key, better }]
        })
    found += items.length
    for (const { worse, better } of items) {
      const own = better !== undefined && message ? messageFrom(message.replaceAll('{}', '%s'), better) : undefined
      add({ worse, ...(better !== undefined && { better }) }, draft, reading, inAllForms, false, own)
    }
  }
  if (!found) {
    reading.things++
    const cure = 'Write the rule by hand, or copy its words into a text file.'
    reading.left.push({ path, line: 1, column: 1, problem: 'the program has no list of words that can be read', cure })
  }
  if (draft.entries.length) reading.drafts.push(draft)
}

/** The outermost lists and maps that are written out in a Python program. */
function* literals(source: string): Iterable<{ from: number; text: string }> {
  const part = /"""[\s\S]*?"""|'''[\s\S]*?'''|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|#.*|[[\]{}]/g
  let depth = 0
  let from = 0
  for (const { 0: text, index } of source.matchAll(part)) {
    if (text === '[' || text === '{') {
      if (depth++ === 0) from = index
    } else if ((text === ']' || text === '}') && depth > 0 && --depth === 0)
      yield { from, text: source.slice(from, index + 1) }
  }
}

function itemsOf(file: YamlFile, list: unknown[]): Item[] {
  return list.flatMap((one): Item[] => {
    const worse = file.text(one)
    if (worse) return [{ worse }]
    const [first, second] = file.items(one)
    const better = file.text(first)?.text
    return better === undefined
      ? []
      : file.items(second).flatMap((other) => {
          const text = file.text(other)
          return text ? [{ worse: text, better }] : []
        })
  })
}

function add(
  { worse, better }: Item,
  draft: Draft,
  reading: Reading,
  inAllForms: boolean,
  isPlain: boolean,
  message?: string,
): void {
  reading.things++
  try {
    const source = isPlain ? worse.text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&') : worse.text
    const variants = formsOf(source, worse, { draft, reading }, { ignoreCase: true, withinWords: false })
    if (variants.some(({ barred }) => barred)) throw new ExpressionError('it looks at what stands before it')
    const rewrite = better && filled(better, variants[0] as Variant).trim()
    const said = message ?? (rewrite ? `“$match” is written “${rewrite}” here.` : undefined)
    draft.entries.push(
      entryOf(variants, worse, inAllForms, {
        rewrites: rewrite ? [rewrite] : [],
        ...(rewrite && said !== undefined && { message: said }),
      }),
    )
  } catch (error) {
    leave(error, worse, draft, reading)
  }
}

/** Says of a file that it is nothing that can be read here. */
export function leaveFile(path: string, reading: Reading): void {
  reading.things++
  const problem = 'this is no Vale rule, no prh file and no list of words'
  const cure = 'A Vale rule has "extends", a prh file "rules"; lists are texts or pairs of texts.'
  reading.left.push({ ...faultOf({ line: 1, column: 1, value: basename(path) }, { path }, problem, cure) })
}
