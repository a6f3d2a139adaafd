// stands in until documents are read again in part
import type { Block, Changed, Document, OpenDocument } from './block.ts'

/** @internal */
export function reopen(source: string, read: (source: string) => Document): OpenDocument {
  const document = read(source)
  return {
    document,
    edit(text, { from, to, length }): Changed {
      const news = read(text)
      const delta = length - (to - from)
      const old = document.blocks.slice()
      const now = news.blocks
      const level = (b: Block) => (b.kind === 'heading' ? b.section.level : 0)
      const alike = (a: Block, b: Block, d: number) =>
        a.kind === b.kind &&
        a.prose === b.prose &&
        a.start + d === b.start &&
        a.end + d === b.end &&
        a.quoted === b.quoted &&
        level(a) === level(b) &&
        a.list?.index === b.list?.index &&
        a.list?.depth === b.list?.depth &&
        a.list?.ordered === b.list?.ordered &&
        a.table?.row === b.table?.row &&
        a.table?.column === b.table?.column &&
        a.table?.header === b.table?.header &&
        JSON.stringify(a.marks.map((m) => [m.kind, m.start, m.end, m.sourceStart + d, m.sourceEnd + d])) ===
          JSON.stringify(b.marks.map((m) => [m.kind, m.start, m.end, m.sourceStart, m.sourceEnd])) &&
        document.source.slice(a.start, a.end) === text.slice(b.start, b.end)
      let head = 0
      while (
        head < old.length &&
        head < now.length &&
        (old[head] as Block).end < from &&
        alike(old[head] as Block, now[head] as Block, 0)
      )
        head++
      let tail = 0
      while (
        tail < old.length - head &&
        tail < now.length - head &&
        (old[old.length - 1 - tail] as Block).start > to &&
        alike(old[old.length - 1 - tail] as Block, now[now.length - 1 - tail] as Block, delta)
      )
        tail++
      const kept = new Map<Block, Block>()
      const sections = new Map()
      for (let i = 0; i < now.length; i++) {
        const o = i < head ? old[i] : i >= now.length - tail ? old[old.length - (now.length - i)] : undefined
        if (!o) continue
        const n = now[i] as Block
        kept.set(n, o)
        if (n.kind === 'heading') sections.set(n.section, o.section)
      }
      if (news.sections[0]) sections.set(news.sections[0], document.sections[0])
      for (const section of news.sections)
        if (section.heading) section.heading = kept.get(section.heading) ?? section.heading
      for (const [n, o] of sections)
        Object.assign(o, n, {
          heading: n.heading ?? undefined,
          parent: n.parent && (sections.get(n.parent) ?? n.parent),
        })
      for (const section of news.sections)
        if (!sections.has(section) && section.parent) section.parent = sections.get(section.parent) ?? section.parent
      for (const n of now) {
        const o = kept.get(n) ?? n
        n.section = sections.get(n.section) ?? n.section
        if (n.list?.lead) n.list.lead = kept.get(n.list.lead) ?? n.list.lead
        if (o !== n) {
          const { tokens, facts } = o
          Object.assign(o, n)
          if (tokens) o.tokens = tokens
          if (facts) o.facts = facts
        }
      }
      document.source = text
      document.blocks = now.map((n) => kept.get(n) ?? n)
      document.sections = news.sections.map((s) => sections.get(s) ?? s)
      document.comments = news.comments
      return { from: head, removed: old.length - head - tail, added: now.length - head - tail }
    },
  }
}
