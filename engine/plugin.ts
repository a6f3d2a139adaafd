import type { Nodes, Paragraph, Root } from 'nlcst'
import retextEnglish from 'retext-english'
import { type Processor, unified } from 'unified'
import type { Point } from 'unist'
import { VFile } from 'vfile'
import type { VFileMessage } from 'vfile-message'

/**
 * A retext plugin: a function that gets options and gives one that reads a natural language tree and says what it found
 * with `file.message(reason, { place, ruleId })`. Texts that could replace the place stand in the message's `expected`.
 */
export type RetextPlugin<Options = unknown> = (
  this: Processor,
  options: Options,
  // biome-ignore lint/suspicious/noConfusingVoidType: a transformer gives nothing, most often
) => ((tree: Root, file: VFile) => Root | undefined | void | Promise<Root | undefined | void>) | undefined | void

/** What a plugin said of one of several texts: UTF-16 offsets into it, the end exclusive. */
export interface Remark {
  text: number
  start: number
  end: number
  reason: string
  /** What the plugin itself calls it. */
  id?: string
  /** Texts that could each replace the range. */
  rewrites?: string[]
  note?: string
  url?: string
}

/** What stands between two texts, so that a plugin takes them for paragraphs. */
const between = '\n\n'

/**
 * Runs a plugin over texts as over one document of which each is a paragraph. What the plugin gives by `file.fail` is a
 * message like others.
 *
 * @throws whatever the plugin throws
 */
export async function runPlugin(plugin: unknown, options: unknown, texts: readonly string[]): Promise<Remark[]> {
  if (typeof plugin !== 'function') throw new TypeError('its default export is no function')
  const { parse } = freshParser()
  const starts: number[] = []
  const paragraphs: Paragraph[] = []
  let offset = 0
  let line = 0
  for (const text of texts) {
    starts.push(offset)
    // one by one: the parser takes a time that grows with the square of the length
    for (const node of parse(text).children) {
      move(node, offset, line)
      if (node.type === 'ParagraphNode') paragraphs.push(node)
    }
    offset += text.length + between.length
    line += text.split('\n').length + 1
  }
  const file = new VFile(texts.join(between))
  const tree: Root = { type: 'RootNode', children: paragraphs }
  const processor = unified().use(plugin as never, ...((options === undefined ? [] : [options]) as never[]))
  try {
    await processor.run(tree as never, file)
  } catch (error) {
    if (!file.messages.includes(error as VFileMessage)) throw error
  }
  return file.messages.map((message) => readMessage(message, texts, starts))
}

function freshParser(): { parse(text: string): Root } {
  const processor = unified().use(retextEnglish).freeze()
  return { parse: (text) => processor.parse(text) as Root }
}

/** Has a tree begin elsewhere. Its nodes share points, so these are made anew. */
function move(node: Nodes, offset: number, line: number): void {
  const moved = (point: Point): Point => ({
    ...point,
    line: point.line + line,
    offset: (point.offset ?? 0) + offset,
  })
  if (node.position) node.position = { start: moved(node.position.start), end: moved(node.position.end) }
  if ('children' in node) for (const child of node.children) move(child, offset, line)
}

/** A message by the text that it is about; one without a place is about the first. */
function readMessage(message: VFileMessage, texts: readonly string[], starts: readonly number[]): Remark {
  const { place, reason, ruleId, actual, expected, note, url } = message
  const [from, to] = place && 'start' in place ? [place.start, place.end] : [place, place]
  let index = starts.length - 1
  while (index > 0 && (starts[index] as number) > (from?.offset ?? 0)) index--
  const text = texts[index] ?? ''
  const within = (offset: number): number => Math.min(Math.max(0, offset - (starts[index] ?? 0)), text.length)
  const start = within(from?.offset ?? 0)
  // a point stands for the word at it
  const word = /^[\p{L}\p{N}’'-]+|^./su.exec(text.slice(start))?.[0] ?? ''
  const end = Math.max(
    within(to?.offset ?? texts[0]?.length ?? 0),
    start + (to?.offset === from?.offset ? word.length : 0),
  )
  // what it would replace may be more or less than the place it names
  const fits = actual === undefined || actual === null || actual === text.slice(start, end)
  const rewrites = fits ? (expected ?? []).filter((one) => typeof one === 'string') : []
  return {
    text: index,
    start,
    end,
    reason,
    ...(ruleId && { id: ruleId }),
    ...(rewrites.length && { rewrites }),
    ...(note && { note }),
    ...(url && { url }),
  }
}
