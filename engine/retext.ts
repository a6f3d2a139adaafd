import type { Nodes, Root } from 'nlcst'
import { toString as textOf } from 'nlcst-to-string'
import type { VFile } from 'vfile'
import { type Block, type Document, Prose, type Section } from './block.ts'
import { builtInLinter, type SiloOptions } from './builtin.ts'
import { check } from './lint.ts'

/**
 * A retext plugin with all rules: `unified().use(retextEnglish).use(retextSilo)`. Findings are messages
 * of the file, with their rewrites in `expected`. Each paragraph of the tree is a block; where the tree
 * comes from Markdown by way of remark-retext, its positions are those of the Markdown.
 *
 * @throws {Error} when an option cannot be used, with what is wrong and what to do
 */
export default function retextSilo(options: SiloOptions = {}): (tree: Root, file: VFile) => void {
  const { catalogue, levels } = builtInLinter(options)
  return (tree, file) => {
    file.messages.push(...check(readTree(tree, String(file)), catalogue, levels, file.path))
  }
}

/** The blocks of a natural language tree: one for each paragraph, mapped by the positions of its words. */
function readTree(tree: Root, source: string): Document {
  const section: Section = { title: '', level: 0, role: 'none' }
  const blocks: Block[] = []
  const visit = (node: Nodes): void => {
    if (node.type === 'ParagraphNode') {
      const prose = new Prose(source)
      addText(node, prose)
      const read = prose.finish()
      if (read) blocks.push({ kind: 'paragraph', index: blocks.length, role: 'none', section, quoted: false, ...read })
    } else if ('children' in node) for (const child of node.children) visit(child)
  }
  visit(tree)
  return { text: source, source, blocks, sections: [section], comments: [] }
}

function addText(node: Nodes, prose: Prose): void {
  if ('children' in node) {
    for (const child of node.children) addText(child, prose)
    return
  }
  const from = node.position?.start.offset
  const to = node.position?.end.offset
  // code and the like are source nodes: they have a place, and are no prose
  if (from === undefined || to === undefined) return
  if (node.type === 'SourceNode') prose.skip('code', from, to)
  else if (prose.source.slice(from, to) === textOf(node)) prose.add(from, to)
  else prose.addReference(from, to, textOf(node))
}
