import { type Block, type Document, fact, factOf, type Role, type Section } from './block.ts'
import type { Catalogue } from './catalogue.ts'
import { token } from './lexicon.ts'
import { type Tokens, tokenise } from './tokens.ts'

/** The longest label that leads in to a text ("Purpose of this policy:"), in words. */
const longestLabel = 8

/** The words of a block up to the colon, dash or end of bold that makes them a label: the token position behind it. */
export function labelEnd(block: Block, tokens: Tokens): number {
  const bold = block.marks.find((mark) => mark.kind === 'strong' && mark.start === 0)
  for (let at = 0; at < Math.min(tokens.ids.length, longestLabel + 1); at++) {
    const id = tokens.ids[at]
    if (id === token.colon || (bold && id === token.dash && at > 0)) return at + 1
    if (bold && (tokens.start[at] as number) >= bold.end) return at
    if (id === token.stop) return bold && (tokens.end[at] as number) <= bold.end ? at + 1 : 0
  }
  // a bold line of its own
  return bold && tokens.ids.length <= longestLabel && bold.end >= block.prose.length ? tokens.ids.length : 0
}

/** The role that the first `to` tokens of a block name: the earliest phrase of a role file, of several the longest. */
export function roleOf(block: Block, to: number, catalogue: Catalogue): Role {
  const tokens = tokensOf(block, catalogue)
  let best: { from: number; length: number; role: Role } | undefined
  for (const match of catalogue.findRoles(tokens, to)) {
    const length = match.to - match.from
    const use = catalogue.uses[match.phrase]
    if (!use || !('role' in use)) continue
    if (!best || match.from < best.from || (match.from === best.from && length > best.length))
      best = { from: match.from, length, role: use.role }
  }
  return best?.role ?? 'none'
}

/** The label that a block begins with: the token behind it, 0 where there is none, and the role that it names. */
interface Label {
  end: number
  role: Role
  /** The block is nothing but the label. */
  isWhole: boolean
}

export const labelOf = (block: Block, catalogue: Catalogue): Label => factOf(block, findLabel, catalogue)

const findLabel = fact((block, catalogue: Catalogue): Label => {
  const tokens = tokensOf(block, catalogue)
  const end = labelEnd(block, tokens)
  return { end, role: end > 0 ? roleOf(block, end, catalogue) : 'none', isWhole: end === tokens.ids.length }
})

/** The role that a whole block names, as a heading or a table header does. */
export const namedRole = (block: Block, catalogue: Catalogue): Role => factOf(block, findNamedRole, catalogue)

const findNamedRole = fact(
  (block, catalogue: Catalogue): Role => roleOf(block, tokensOf(block, catalogue).ids.length, catalogue),
)

/** The role that a heading names itself, whatever stands above it. */
export const headingRole = ({ heading }: Section, catalogue: Catalogue): Role =>
  heading ? namedRole(heading, catalogue) : 'none'

/** Gives every section and block its role: from its label, its column's header, its list's lead-in, or its headings. */
export function assignRoles(document: Document, catalogue: Catalogue): void {
  for (const section of document.sections) {
    const own = headingRole(section, catalogue)
    section.role = own === 'none' ? (section.parent?.role ?? 'none') : own
  }
  /** By table, the roles of its columns. */
  const headers = new Map<number, Role[]>()
  const leads = new Map<Block, Role>()
  /** A bold line of its own is a heading in all but name; it reaches to the next one or to a real heading. */
  let bold: { section: Block['section']; role: Role } | undefined
  for (const block of document.blocks) {
    if (block.kind === 'heading') {
      block.role = block.section.role
      bold = undefined
      continue
    }
    if (block.table) {
      const { table, row, column } = block.table
      let roles = headers.get(table)
      if (!roles) {
        roles = []
        headers.set(table, roles)
      }
      if (row === 0) roles[column] = namedRole(block, catalogue)
      const role = roles[column] ?? 'none'
      block.role = role === 'none' ? block.section.role : role
      continue
    }
    const { end, role: own, isWhole } = labelOf(block, catalogue)
    if (own !== 'none') {
      block.role = own
      if (isWhole) leads.set(block, own)
      if (isWhole && !block.list) bold = { section: block.section, role: own }
    } else {
      if (isWhole && end > 0 && !block.list && block.prose.endsWith(':') === false) bold = undefined
      const lead = block.list?.lead
      block.role =
        (lead && leads.get(lead)) ?? (bold && bold.section === block.section ? bold.role : block.section.role)
    }
  }
}

/** The block's tokens, read once. */
export function tokensOf(block: Block, catalogue: Catalogue): Tokens {
  block.tokens ??= tokenise(block, catalogue.lexicon)
  return block.tokens
}
