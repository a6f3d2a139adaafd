import type { VFileMessage } from 'vfile-message'
import type { CodeLens, Location, Range } from 'vscode-languageserver'
import type { TextDocument } from 'vscode-languageserver-textdocument'
import type { Role } from '../engine/block.ts'
import type { SectionOverview } from '../engine/measure.ts'
import { rangeOf, spanOf } from './diagnostic.ts'

/** A document that was linted, and its sections as they were then. */
export interface Sections {
  document: TextDocument
  version: number
  findings: readonly VFileMessage[]
  sections: readonly SectionOverview[]
}

/** What a lens over a heading keeps, to be filled in when it comes into view. */
export interface HeadingData {
  uri: string
  version: number
  section: number
  shows: 'overview' | 'findings'
}

/** More names than this are counted and no longer told. */
const mostNames = 3

const roles: Record<Role, string> = {
  purpose: 'Purpose',
  objective: 'Objectives',
  measure: 'Measures',
  scope: 'Scope',
  responsibilities: 'Responsibilities',
  reporting: 'Reporting',
  procedure: 'Procedure',
  handoff: 'Hand-off',
  exception: 'Exceptions',
  example: 'Example',
  glossary: 'Glossary',
  change: 'Change',
  none: '',
}

/** Lenses over the headings of a document, still without words; the second one only where something was found. */
export function headingLenses({ document, version, findings, sections }: Sections): CodeLens[] {
  const { uri } = document
  return sections.flatMap((section, index): CodeLens[] => {
    const { line } = document.positionAt(section.start)
    const range: Range = { start: { line, character: 0 }, end: { line, character: 0 } }
    const lens = (shows: HeadingData['shows']): CodeLens => ({
      range,
      data: { uri, version, section: index, shows } satisfies HeadingData,
    })
    const shown = findingsIn(section, findings).length > 0
    return [...(titleOf(section) ? [lens('overview')] : []), ...(shown ? [lens('findings')] : [])]
  })
}

/** The same lens with its words; those that say how much was found open it. */
export function fillLens(lens: CodeLens, data: HeadingData, { document, findings, sections }: Sections): CodeLens {
  const section = sections[data.section]
  if (!section) return lens
  if (data.shows === 'overview') return { ...lens, command: { title: titleOf(section), command: '' } }
  const { uri } = document
  const found = findingsIn(section, findings).map((finding): Location => ({ uri, range: rangeOf(finding, document) }))
  const title = found.length === 1 ? '1 finding' : `${found.length} findings`
  return { ...lens, command: { title, command: 'silolint.showFindings', arguments: [uri, lens.range.start, found] } }
}

/** The findings in a section; they are in the order of the document. */
function findingsIn({ start, end }: SectionOverview, findings: readonly VFileMessage[]): readonly VFileMessage[] {
  const at = (offset: number): number => {
    let [low, high] = [0, findings.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (spanOf(findings[middle] as VFileMessage).start < offset) low = middle + 1
      else high = middle
    }
    return low
  }
  return findings.slice(at(start), at(end))
}

/** What is said of a section in one line; nothing of one that says nothing. */
function titleOf({ role, names, text, handoffs, owned }: SectionOverview): string {
  const who = [...names].sort(([, a], [, b]) => b - a).map(([name, count]) => (count > 1 ? `${name} ×${count}` : name))
  const more = who.length > mostNames ? ` and ${who.length - mostNames} more` : ''
  const passing =
    handoffs === 1
      ? `1 hand-off with${owned ? '' : 'out'} an owner`
      : `${handoffs} hand-offs, ${owned === handoffs ? 'all' : owned || 'none'} with an owner`
  const nobody = text ? 'names nobody who is served' : ''
  return [
    roles[role],
    who.length ? `names ${who.slice(0, mostNames).join(', ')}${more}` : nobody,
    handoffs ? passing : '',
  ]
    .filter(Boolean)
    .join(' · ')
}
