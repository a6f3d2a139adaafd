import type { Block, Document } from './block.ts'
import type { Catalogue } from './catalogue.ts'
import { labelEnd, tokensOf } from './roles.ts'
import type { Sentence, Unit } from './rule.ts'

const isObjective = (block: Block): boolean => block.role === 'purpose' || block.role === 'objective'

/**
 * The objective units of a document: a section or plain list under such a heading, the text behind
 * such a label, a table row in such a column, each objective of an OKR list, and elsewhere a sentence
 * that states one (with the sentence after it). `states` says whether a sentence does.
 */
export function findUnits(document: Document, catalogue: Catalogue, sentences: (block: Block) => readonly Sentence[], states: (sentence: Sentence) => boolean): Unit[] {
  const units: Unit[] = []
  const seen = new Set<Block>()
  const { blocks } = document
  const unit = (statements: readonly Sentence[]): void => {
    if (statements.length) units.push({ kind: 'objective', statements: [...statements] })
  }

  for (const [index, block] of blocks.entries()) {
    if (seen.has(block) || block.kind === 'heading') continue
    if (block.table) {
      // an objective in a table is one row: its cell, with the rest of the row as context
      if (block.table.row > 0 && isObjective(block) && block.role !== block.section.role) {
        const { table, row } = block.table
        const rest = blocks.filter((cell) => cell.table?.table === table && cell.table.row === row && cell !== block)
        unit([block, ...rest].flatMap((cell) => sentences(cell)))
      }
      continue
    }
    if (!isObjective(block)) {
      const list = sentences(block)
      for (const [position, sentence] of list.entries()) {
        if (!states(sentence)) continue
        const next = list[position + 1] ?? followingSentence(blocks, index, sentences)
        unit(next ? [sentence, next] : [sentence])
        break
      }
      continue
    }
    // a run of blocks that share what made them an objective
    const run = [block]
    for (let at = index + 1; at < blocks.length; at++) {
      const other = blocks[at] as Block
      if (other.kind === 'heading' || other.section !== block.section || other.role !== block.role || other.table) break
      if (!other.list && labelled(other, catalogue)) break
      run.push(other)
    }
    for (const one of run) seen.add(one)
    const lists = run.filter((one) => one.list?.depth === 0)
    const alone = /\bo(?:kr|bjectives? and key)\b|\bokrs\b/i.test(headings(block)) && lists.length > 1
    if (alone) {
      for (const item of lists) {
        const own = run.slice(run.indexOf(item))
        const end = own.findIndex((one, position) => position > 0 && one.list?.depth === 0)
        unit(own.slice(0, end < 0 ? undefined : end).flatMap((one) => statementsOf(one, catalogue, sentences)))
      }
    } else unit(run.flatMap((one) => statementsOf(one, catalogue, sentences)))
  }
  return units
}

const headings = (block: Block): string => {
  const titles: string[] = []
  for (let section: Block['section'] | undefined = block.section; section; section = section.parent) titles.push(section.title)
  return titles.join(' | ')
}

const labelled = (block: Block, catalogue: Catalogue): boolean => labelEnd(block, tokensOf(block, catalogue)) > 0

/** A block's sentences behind its label; a label alone states nothing. */
function statementsOf(block: Block, catalogue: Catalogue, sentences: (block: Block) => readonly Sentence[]): Sentence[] {
  const label = labelEnd(block, tokensOf(block, catalogue))
  return sentences(block).flatMap((sentence) => {
    const from = Math.max(sentence.from, label)
    const { block: own, to, awake, matches } = sentence
    return from >= to ? [] : [{ block: own, from, to, awake, matches }]
  })
}

function followingSentence(blocks: readonly Block[], index: number, sentences: (block: Block) => readonly Sentence[]): Sentence | undefined {
  const here = blocks[index] as Block
  const next = blocks[index + 1]
  return next && next.section === here.section && next.kind !== 'heading' && next.kind !== 'cell' ? sentences(next)[0] : undefined
}
