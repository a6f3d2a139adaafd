import { isMap, isScalar, isSeq, parseDocument } from 'yaml'
import { Patterns } from './patterns.ts'

/** What names the owner of a document, as a key of front matter or as a label in the text. */
const label =
  '(?:(?:document|content|page|policy|process|procedure|sop|standard)[ _-]?)?owner(?:s|ship)?|owned[ _-]by|maintainers?'
const key = new RegExp(`^(?:${label})$`, 'i')
const mayHaveKey = new RegExp(`^["']?(?:${label})["']?[ \\t]*[:=]`, 'im')
/** "Owner: Head of Finance", "**Process owner:** Ana", "| Owner | Finance |". */
const line = new RegExp(
  `^[ \\t>|*_-]*(?:${label})[ \\t]*(?:\\*\\*|__)?[ \\t]*[:|][ \\t]*(?:\\*\\*|__)?[ \\t]*(?<owner>[^\\n]*)`,
  'im',
)
/** So far from its beginning, in characters, a document says who owns it. */
const farthest = 4000

/**
 * Who owns a document by its own word: in front matter under `owner` and the like, or in a line such as "Owner: Finance" near
 * its beginning. Nobody where it does not say; several as the document writes them.
 */
export function ownersIn(source: string): string[] {
  const start = source.slice(0, farthest)
  const front = /^\uFEFF?(---|\+\+\+)[ \t]*\r?\n(?<text>[\s\S]*?)\r?\n(?:\1|\.\.\.)[ \t]*(?:\r?\n|$)/.exec(start)
  const told = front ? ownersInFrontMatter(front.groups?.text ?? '', front[1] === '+++') : []
  if (told.length) return told
  const body = front ? start.slice(front[0].length) : start
  const found = line.exec(body)
  const owner = found?.groups?.owner
  if (!found || owner === undefined) return []
  // the first row of a table names columns, not people
  const next = body.slice(found.index + found[0].length).match(/^\r?\n([^\n]*)/)?.[1] ?? ''
  if (/^[ \t]*\|?[ \t]*:?-{2,}/.test(next)) return []
  const plain = owner
    .replace(/\|.*$/, '')
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/[*_`]/g, '')
    .trim()
    .replace(/[.;]$/, '')
  return plain && plain.length <= 80 ? [plain] : []
}

function ownersInFrontMatter(text: string, isToml: boolean): string[] {
  if (!mayHaveKey.test(text)) return []
  if (isToml)
    return [...text.matchAll(/^(?<key>[\w -]+?)[ \t]*=[ \t]*["'](?<owner>[^"']*)["']/gm)]
      .filter(({ groups }) => key.test(groups?.key ?? ''))
      .map(({ groups }) => groups?.owner ?? '')
  const { contents, errors } = parseDocument(text, { logLevel: 'silent' })
  if (errors.length || !isMap(contents)) return []
  const named = (value: unknown): string[] => {
    if (isScalar(value)) return typeof value.value === 'string' && value.value.trim() ? [value.value.trim()] : []
    if (isSeq(value)) return value.items.flatMap(named)
    return isMap(value) ? named(value.get('name', true)) : []
  }
  return contents.items.flatMap(({ key: own, value }) =>
    isScalar(own) && key.test(String(own.value)) ? named(value) : [],
  )
}

/**
 * Who owns what by a CODEOWNERS file, in GitHub's or GitLab's form: a function of paths from the repository's folder, with
 * forward slashes. The last line that matches decides.
 */
export function readCodeOwners(text: string): (path: string) => string[] {
  let usual: string[] = []
  const lines = text.split(/\r?\n/).flatMap((line) => {
    const words = line.replace(/(?:^|\s)#.*$/, '').trim()
    const section = /^\^?\[[^\]]*\](?:\[\d+\])?(?<owners>.*)$/.exec(words)
    if (section) usual = (section.groups?.owners ?? '').split(/\s+/).filter(Boolean)
    if (!words || section) return []
    const [pattern = '', ...owners] = words.split(/(?<!\\)\s+/)
    return [{ patterns: new Patterns(pattern), owners: owners.length ? owners : usual }]
  })
  lines.reverse()
  return (path) => lines.find(({ patterns }) => patterns.test(path).ignored)?.owners ?? []
}
