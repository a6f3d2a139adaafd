import type { VFileMessage } from 'vfile-message'
import { type ClientCapabilities, type Hover, MarkupKind, type Position } from 'vscode-languageserver'
import type { TextDocument } from 'vscode-languageserver-textdocument'
import { applyEdits, editOf } from '../engine/fix.ts'
import type { Linter } from '../engine/index.ts'
import { rangeOf, spanOf } from './diagnostic.ts'

/** The commands of the editor that a hover links to, in an editor that has them. */
export const hoverCommands = ['silolint.explain', 'silolint.notHere', 'silolint.neverInProject'] as const

/** What a hover may link to. */
export interface Links {
  /** The editor has the commands of `hoverCommands`; else there is the address of the rule's page. */
  commands: boolean
  /** The document belongs to a project whose files can be written. */
  hasProject: boolean
}

/** What is to be known about the findings at a place: what, why, and how it could read instead; null where there are none. */
export function hoverAt(
  position: Position,
  findings: readonly VFileMessage[],
  document: TextDocument,
  rules: Linter['rules'],
  client: ClientCapabilities,
  links: Links,
): Hover | null {
  const offset = document.offsetAt(position)
  const here = findings.filter((finding) => {
    const { start, end } = spanOf(finding)
    return start <= offset && (offset < end || start === end)
  })
  const [first] = here
  if (!first) return null
  const formats = client.textDocument?.hover?.contentFormat ?? [MarkupKind.PlainText]
  const kind = formats.includes(MarkupKind.Markdown) ? MarkupKind.Markdown : MarkupKind.PlainText
  // an editor with the commands shows the messages of diagnostics in the same box, above
  const hasMessage = links.commands && here.length === 1
  const value = here.map((finding) => describe(finding, document, rules, kind, links, hasMessage)).join('\n\n---\n\n')
  return { range: rangeOf(first, document), contents: { kind, value } }
}

function describe(
  finding: VFileMessage,
  document: TextDocument,
  rules: Linter['rules'],
  kind: MarkupKind,
  links: Links,
  hasMessage: boolean,
): string {
  const rule = rules.find(({ id }) => id === finding.ruleId)
  const why = firstSentences(plain(finding.note ?? rule?.note ?? ''))
  const changes = changesOf(finding, document.getText())
  const url = rule?.url ?? finding.url
  if (kind === MarkupKind.PlainText)
    return [finding.reason, why, changes, url && `${finding.ruleId}: ${url}`].filter(Boolean).join('\n\n')
  const diff = changes && `\`\`\`diff\n${changes}\n\`\`\``
  return [
    // The message quotes the document, whose characters must not turn into markup of ours.
    !hasMessage && `**${escapeMarkdown(finding.reason)}**`,
    escapeMarkdown(why),
    // VS Code cuts the box off after a dozen lines: what can be clicked stands above what can be scrolled to
    ...(links.commands
      ? [commandLinks(finding, document, links), diff]
      : [diff, url && `[Explain ${finding.ruleId}](${url})`]),
  ]
    .filter(Boolean)
    .join('\n\n')
}

function commandLinks(finding: VFileMessage, document: TextDocument, { hasProject }: Links): string {
  const { ruleId = '' } = finding
  const to = (title: string, command: (typeof hoverCommands)[number], more: string, ...args: unknown[]): string =>
    `[${title}](command:${command}?${encodeURIComponent(JSON.stringify([document.uri, ruleId, ...args])).replace(/[()]/g, (one) => (one === '(' ? '%28' : '%29'))} "${more}")`
  return [
    to('Explain', 'silolint.explain', 'Opens the page of this rule beside the document.'),
    // what is said about comments cannot be hidden by one
    ...(ruleId.startsWith(source)
      ? []
      : [
          to(
            'Not here',
            'silolint.notHere',
            'Puts in a comment that hides this finding, and asks you why.',
            rangeOf(finding, document).start,
          ),
        ]),
    ...(hasProject
      ? [to('Never in this project', 'silolint.neverInProject', 'Switches this rule off in the configuration.')]
      : []),
  ].join(' · ')
}

const source = 'silolint/'

/** So many characters of a sentence are shown on either side of what is found in it. */
const around = 24
/** For less than this nothing is left out. */
const slack = 8

/** The sentence of a finding, and below it the sentence with each of the rewrites, marked as in a diff. */
function changesOf(finding: VFileMessage, text: string): string {
  const { expected = [], sentence = '' } = finding
  const actual = oneLine(finding.actual ?? '')
  if (!expected.length) return ''
  const at = placeIn(sentence, actual, text.slice(0, spanOf(finding).start))
  const whole = at < 0 ? actual : sentence
  const start = Math.max(at, 0)
  const end = start + actual.length
  const point = (offset: number) => ({ line: 1, column: 1, offset })
  const found = { place: { start: point(start), end: point(end) } } as VFileMessage
  const head = whole.slice(0, start)
  const tail = whole.slice(end)
  const [from, to] = [cutBefore(head), end + tail.length - cutAfter(tail)]
  const show = (text: string, cutFromEnd: number): string =>
    `${from ? '… ' : ''}${text.slice(from, text.length - cutFromEnd)}${cutFromEnd ? ' …' : ''}`
  const cut = whole.length - to
  const after = expected.map((rewrite) => applyEdits(whole, [editOf(found, rewrite, whole)]).source)
  const shown = after.map((one) => oneLine(show(one, cut))).filter(Boolean)
  return [`- ${oneLine(show(whole, cut))}`, ...shown.map((one) => `+ ${one}`)].join('\n')
}

/** Where what is found stands in its sentence: of several such places the one with the same words before it. */
function placeIn(sentence: string, actual: string, before: string): number {
  const words = oneLine(before.slice(-sentence.length * 2))
  let best = -1
  let most = -1
  for (let at = sentence.indexOf(actual); at >= 0; at = sentence.indexOf(actual, at + 1)) {
    const own = sentence.slice(0, at).trimEnd()
    let same = 0
    while (same < own.length && own.at(-1 - same) === words.at(-1 - same)) same++
    if (same > most) [best, most] = [at, same]
  }
  return best
}

/** How much of the words before is left out, to the end of a word. */
function cutBefore(head: string): number {
  if (head.length <= around + slack) return 0
  return head.indexOf(' ', head.length - around) + 1
}

/** How much of the words behind is shown. */
function cutAfter(tail: string): number {
  if (tail.length <= around + slack) return 0
  return tail.length - Math.max(tail.lastIndexOf(' ', around), 0)
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim()

const sentences = new Intl.Segmenter('en', { granularity: 'sentence' })

/** The first two sentences of a text. */
function firstSentences(text: string): string {
  return [...sentences.segment(text)]
    .slice(0, 2)
    .map(({ segment }) => segment)
    .join('')
    .trim()
}

/** The words of a paragraph in Markdown: notes use code, emphasis and links, no more. */
export function plain(markdown: string): string {
  return oneLine(markdown)
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/(\*+|\b_|_\b|`)/g, '')
}

/** Text whose characters must not turn into markup. */
export function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_[\]<>&~|]/g, '\\$&')
}
